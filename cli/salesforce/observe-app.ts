/** What can be seen of an app from outside without harming a connection. */
import { createHash } from 'node:crypto'
import { HawserError } from '@hawser/node'
import type { Observations } from '@hawser/salesforce/eca/mandate-report.ts'
import { canaryOf, failureSentences } from './canary.ts'
import type { HawserServer } from './hawser-server.ts'
import type { World } from './world.ts'

export interface Seen {
  observations: Observations
  /** What could not be looked at, and why. */
  notes: string[]
}

export interface Watching {
  integration: string
  /** A connection's id; `true`: the newest that works. */
  refreshOnce?: string | true
}

export async function observe(world: World, server: HawserServer, watching: Watching): Promise<Seen> {
  const page = await seenAtTheSignInPage(server, watching.integration)
  if (watching.refreshOnce === undefined)
    return {
      ...page,
      notes: [
        ...page.notes,
        'Rotation was not looked at: --refresh-once refreshes one connection and tells whether a new refresh token came.',
      ],
    }
  const refresh = await seenAtARefresh(world, server, watching)
  return { observations: { ...page.observations, ...refresh.observations }, notes: [...page.notes, ...refresh.notes] }
}

async function seenAtTheSignInPage(server: HawserServer, integration: string): Promise<Seen> {
  try {
    const { pkce_required: required, host } = await server.client.probeIntegration(integration)
    if (required === null) return { observations: {}, notes: [`Whether ${host} asks for PKCE could not be told.`] }
    return { observations: { pkceRefusedWithoutChallenge: required }, notes: [] }
  } catch (error) {
    if (!(error instanceof HawserError) || error.code === 'network_error') throw error
    return { observations: {}, notes: [`The sign-in page was not tried: ${error.message}`] }
  }
}

/** Refreshes exactly one connection. The tokens are compared by their hashes, and leave this function in no form. */
async function seenAtARefresh(world: World, { client }: HawserServer, { integration, refreshOnce }: Watching): Promise<Seen> {
  const canary = await canaryOf(client, integration, refreshOnce === true ? undefined : refreshOnce)
  if (!canary) return { observations: {}, notes: ['No connection works, so none was refreshed.'] }
  world.say(`Refreshing ${canary.connectionId}, and no other connection …`)
  try {
    const before = await refreshTokenHash(false)
    const after = before === undefined ? undefined : await refreshTokenHash(true)
    if (before === undefined || after === undefined)
      return {
        observations: {},
        notes: ['Rotation cannot be told: the API key may not read refresh tokens (scope environment:connections:read_credentials).'],
      }
    return { observations: { newRefreshTokenAtRefresh: before !== after }, notes: [] }
  } catch (error) {
    if (!(error instanceof HawserError) || error.code === 'network_error') throw error
    return { observations: {}, notes: [`${canary.connectionId} could not be refreshed:`, ...failureSentences(error)] }
  }

  async function refreshTokenHash(forceRefresh: boolean): Promise<string | undefined> {
    const { credentials } = await client.getConnection(integration, canary!.connectionId, { refreshToken: true, forceRefresh })
    const token = 'refresh_token' in credentials ? credentials.refresh_token : undefined
    return typeof token === 'string' ? createHash('sha256').update(token).digest('base64') : undefined
  }
}
