/** Another provider than Salesforce, defined by a file of the operator's, against an OAuth server of other people's making. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { createApiClient } from './api-client.ts'
import { addIntegration, connect, connectionPath, proxied, readConnection } from './customer.ts'
import { startStrictOAuthServer, type StrictOAuthServer } from './strict-oauth-server.ts'

const INTEGRATION = 'strict'
const CALLERS = 50
let oauth: StrictOAuthServer
let server: TestServer
let folder: string
let id: string

beforeAll(async () => {
  oauth = await startStrictOAuthServer()
  folder = await mkdtemp(join(tmpdir(), 'hawser-providers-'))
  await writeFile(join(folder, 'strict.json'), JSON.stringify(oauth.entry))
  server = await startTestServer({ env: { HAWSER_PROVIDERS: folder }, trustedHosts: [{ host: 'localhost', port: oauth.port }] })
  oauth.admit(`${server.url}/oauth/callback`)
  await addIntegration(server, INTEGRATION, oauth, 'strict')
})
afterAll(async () => {
  await server?.close()
  await oauth?.close()
  if (folder) await rm(folder, { recursive: true })
})

const me = (): Promise<Response> => proxied(server, id, INTEGRATION, '/me')
const tokenRequests = (): number => oauth.counts['POST /token'] ?? 0

describe('a provider from a file, at a strict OAuth server', () => {
  it('signs in with PKCE', async () => {
    id = await connect(server, INTEGRATION)
    expect(await (await me()).json()).toEqual({ sub: 'person-1' })
    expect(tokenRequests()).toBe(1)
    const { credentials } = await readConnection(server, id, INTEGRATION)
    expect(credentials).toMatchObject({ type: 'OAUTH2', expires_at: expect.stringMatching(/^\d{4}-.*Z$/) })
  })

  it('renews ahead of expiry, one request for many callers, and keeps each rotated token', async () => {
    const seen = new Set<unknown>()
    for (const round of [1, 2, 3]) {
      server.clock.advance(601_000)
      const answers = await Promise.all(Array.from({ length: CALLERS }, me))
      expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: CALLERS }, () => 200))
      expect(tokenRequests()).toBe(1 + round)
      const { credentials } = await readConnection(server, id, INTEGRATION, { refresh_token: 'true' })
      seen.add((credentials as { refresh_token?: string }).refresh_token)
    }
    expect(seen.size).toBe(3)
    expect(oauth.counts['grant.error'] ?? 0).toBe(0)
    expect(oauth.counts['grant.revoked'] ?? 0).toBe(0)
  })

  it('revokes when the connection is deleted', async () => {
    const answer = await createApiClient(server.url, server.apiKey).call('DELETE', connectionPath(id, INTEGRATION))
    expect(answer.status).toBe(200)
    await expect.poll(() => oauth.counts['POST /token/revocation'] ?? 0, { timeout: 10_000, interval: 50 }).toBe(1)
  })
})
