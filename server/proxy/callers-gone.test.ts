/** 23. Whoever hangs up gives his place back, in whatever phase of the call he does. */
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createBudgets } from '#http/budgets.ts'
import type { ConnectionPrincipal } from '#http/principal.ts'
import { systemClock } from '#lib/clock.ts'
import { closeAll, startRig, startUpstream, type Rig } from './proxy-rig.ts'
import { UUID } from './raw-calls.ts'

afterEach(closeAll)

const CALLS = 250
const TOKEN = `hct_${'a'.repeat(43)}`
const caller: ConnectionPrincipal = {
  ...{ kind: 'connection', keyId: 'key-1', environmentId: 'environment-1', connection: { uuid: UUID }, limits: [], expiresAt: Infinity },
}

/** Each on a socket of its own; `Connection: close` would end them politely. */
function open(rig: Rig, request: string): Promise<Socket> {
  const { port, hostname } = new URL(rig.api)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(request)
      resolve(socket)
    })
    socket.on('error', reject)
  })
}

const head = (method: string, more = '') => `${method} /proxy/x HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\n${more}\r\n`
const openAll = (rig: Rig, request: string) => Promise.all(Array.from({ length: CALLS }, () => open(rig, request)))

/** The limits of budgets that are exactly used up by the calls: one place that is not given back refuses the call at the end. */
const budgets = () => {
  const most = { callsAtOnce: CALLS, keyCallsAtOnce: CALLS, connectionCallsAtOnce: CALLS }
  return createBudgets(systemClock, { apiCallsPerMinute: 1, sessionCallsPerMinute: 1, browserCallsPerMinute: 1, ...most }).places
}

async function allGone(rig: Rig, sockets: Socket[]): Promise<void> {
  for (const socket of sockets) socket.destroy()
  await expect.poll(() => rig.proxy.counts().open, { timeout: 5_000 }).toBe(0)
}

/** As many calls as there are places, all at once. */
async function allServed(rig: Rig): Promise<void> {
  const answers = await Promise.all(
    Array.from({ length: CALLS }, () => fetch(`${rig.api}/proxy/served`, { headers: { authorization: `Bearer ${TOKEN}` } })),
  )
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]))
  await Promise.all(answers.map((answer) => answer.text()))
}

describe('23. 250 callers who hang up', () => {
  const hanging = () =>
    startUpstream((request, response) => {
      if (request.url === '/served') response.end('{}')
      else if (request.headers['x-half'] !== undefined) response.write('half')
    })

  it.each([
    ['no body', head('GET')],
    ['a body that is kept', head('POST', 'content-length: 100\r\n')],
    ['a body that is streamed', head('POST', 'transfer-encoding: chunked\r\n')],
  ])('before they are known, with %s', async (_what, request) => {
    const known = Promise.withResolvers<void>()
    let asked = 0
    let gated = true
    const upstream = await hanging()
    const rig = await startRig({
      ...{ upstream, places: budgets() },
      connectionCaller: async () => {
        asked += 1
        if (gated) await known.promise
        return caller
      },
    })
    const sockets = await openAll(rig, request)
    await expect.poll(() => asked, { timeout: 5_000 }).toBe(CALLS)
    for (const socket of sockets) socket.destroy()
    // The server has to have noticed.
    await expect.poll(() => new Promise(rig.connectionsOpen)).toBe(0)
    gated = false
    known.resolve()
    await allGone(rig, sockets)
    expect(upstream.seen).toEqual([])
    await allServed(rig)
  })

  it.each([
    ['within a body that is kept', head('POST', 'content-length: 100\r\n') + 'half', 0],
    ['within a body that is streamed', head('POST', 'content-length: 9000000\r\n') + 'half', CALLS],
    ['while the provider is silent', head('GET'), CALLS],
    ['within an answer', head('GET', 'nango-proxy-x-half: 1\r\n'), CALLS],
  ])('%s', async (_when, request, reached) => {
    const upstream = await hanging()
    const rig = await startRig({ upstream, places: budgets(), connectionCaller: () => caller })
    const sockets = await openAll(rig, request)
    await expect.poll(() => rig.proxy.counts().open, { timeout: 5_000 }).toBe(CALLS)
    if (reached > 0) await expect.poll(() => upstream.seen.length, { timeout: 5_000 }).toBeGreaterThan(0)
    await allGone(rig, sockets)
    await allServed(rig)
  })
})
