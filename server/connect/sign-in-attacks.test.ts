import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { StoredConnection } from '#connections/connection.ts'
import { createWorld, type World } from './world-for-tests.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(() => {
  world.saved.length = 0
})

async function begin(more: Record<string, string>, body: object = {}) {
  const token = await world.newSession(body)
  const answer = await world.newBrowser().open(world.beginUrl('desk', token, { 'params[subdomain]': 'acme', ...more }), { follow: false })
  return { ...answer, scope: answer.status === 302 ? new URL(String(answer.headers['location'])).searchParams.get('scope') : undefined }
}

describe('an end user with a connect session', () => {
  it('12. gets no connection out of a session that ended while the code was exchanged', async () => {
    const token = await world.newSession()
    await world.newBrowser().open(world.beginUrl('sf', token))
    const [saving] = world.saved
    await world.api('DELETE', '/connect/session', token)
    const saved = { connectionId: 'c' } as StoredConnection
    const saveLate = world.db.kysely.transaction().execute(async (transaction) => saving!.alongside!(transaction, saved))
    await expect(saveLate).rejects.toMatchObject({ code: 'state_err' })
  })

  it('does not widen the scopes that the session sets', async () => {
    const pinned = { integrations_config_defaults: { desk: { connection_config: { oauth_scopes_override: 'read' } } } }
    expect(await begin({ 'authorization_params[scope]': 'everything' }, pinned)).toMatchObject({ scope: 'read' })
    expect(await begin({ 'authorization_params[scope]': 'everything' })).toMatchObject({ scope: 'everything' })
  })

  it.each(['credentials[oauth_client_id_override]', 'credentials[oauth_client_secret_override]', 'user_scope'])(
    'is told at once of characters that no database takes: %s',
    async (name) => {
      const answer = await begin({ [name]: 'a\0b' })
      expect(answer.status).toBe(400)
      expect(JSON.parse(answer.text).error.code).toBe('invalid_query_params')
    },
  )

  it.each(['api_key', 'apiKey', 'passphrase', 'credential'])('4. does not see what the backend set as %s', async (name) => {
    const token = await world.newSession({ integrations_config_defaults: { sf: { connection_config: { [name]: 'hunter2' } } } })
    const { body } = await world.api('GET', '/connect/session', token)
    expect(JSON.stringify(body)).not.toContain('hunter2')
  })
})
