import { createKillWorld, addIntegrationTo, callProxy, importGrant, ORG, type KillWorld } from './kill-world.ts'

export interface Storm {
  processes: number
  callersEach: number
  providerMs: number
  /** Settings of the refresh, where they are not the usual ones. */
  env: Record<string, string>
}

export interface StormResult {
  statuses: number[]
  tokenRequests: number
  lives: boolean
}

/** Callers of several processes meet an expired session at once, of a provider that takes its time. */
export async function runStorm(storm: Storm): Promise<StormResult> {
  const world: KillWorld = await createKillWorld()
  try {
    const names = Array.from({ length: storm.processes }, (_, index) => `node-${index}`)
    const servers = await Promise.all(names.map((dataDir) => world.start({ dataDir, env: storm.env })))
    const api = world.api(servers[0]!)
    const { grantId, tokens } = world.newGrant()
    await addIntegrationTo(api, world.app)
    await importGrant(api, 'shared', tokens)
    for (const server of servers) await callProxy(server, world.apiKey, 'shared')
    world.fake.expireSessions(ORG)
    world.door.setTokenLatency(storm.providerMs)
    world.door.sent.length = 0
    const callers = servers.flatMap((server) => Array.from({ length: storm.callersEach }, () => callProxy(server, world.apiKey, 'shared')))
    const statuses = await Promise.all(callers)
    return { statuses, tokenRequests: world.door.sent.length, lives: world.fake.state.grants.has(grantId) }
  } finally {
    await world.close()
  }
}
