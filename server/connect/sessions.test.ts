import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cleanUpSessions } from './store.ts'
import { API_KEY, createWorld, type World } from './world-for-tests.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

const create = (body: object) => world.api('POST', '/connect/sessions', API_KEY, body)
const row = async (token: string) => {
  const hash = createHash('sha256').update(token).digest()
  const { rows } = await sql<Record<string, unknown>>`select * from connect_session where token_hash = ${hash}`.execute(world.db.kysely)
  return rows[0]
}

describe('opening a session', () => {
  it('answers a token in the form of stock clients, a link and an end in 30 minutes', async () => {
    const { status, body } = await create({ end_user: { id: 'u1' } })
    expect(status).toBe(201)
    expect(body.data.token).toMatch(/^nango_connect_session_[0-9a-f]{64}$/)
    expect(body.data.connect_link).toBe(`${world.config.publicUrl}/connect-ui/?session_token=${body.data.token}`)
    expect(Math.abs(Date.parse(body.data.expires_at) - Date.now() - 30 * 60_000)).toBeLessThan(60_000)
    expect(world.changes).toContain('connect_session.create')
  })

  it('6. stores neither the token nor the defaults in the clear', async () => {
    const token = await world.newSession({
      integrations_config_defaults: { sf: { connection_config: { oauth_client_secret_override: 'very-secret' } } },
    })
    const stored = JSON.stringify(await row(token), (_key, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
    )
    expect(stored).not.toContain(token.slice(-64))
    expect(stored).not.toContain('very-secret')
  })

  it('names every integration that does not exist, with its place', async () => {
    const { status, body } = await create({
      end_user: { id: 'u1' },
      allowed_integrations: ['sf', 'nope'],
      integrations_config_defaults: { nah: {} },
      overrides: { no: {} },
    })
    expect(status).toBe(400)
    expect(body.error.code).toBe('invalid_body')
    expect(body.error.errors).toEqual([
      { code: 'invalid_value', message: 'Integration does not exist', path: ['allowed_integrations', 1] },
      { code: 'invalid_value', message: 'Integration does not exist', path: ['integrations_config_defaults', 'nah'] },
      { code: 'invalid_value', message: 'Integration does not exist', path: ['overrides', 'no'] },
    ])
  })

  it('merges tags: end user and organization, the end user’s own, then the explicit ones', async () => {
    const token = await world.newSession({
      end_user: { id: 'u1', email: 'ann@example.com', display_name: 'Ann', tags: { Plan: 'free', team: 'a' } },
      organization: { id: 'o1', display_name: 'Acme' },
      tags: { plan: 'pro', end_user_id: 'other' },
    })
    expect((await row(token))?.['tags']).toEqual({
      end_user_id: 'other',
      end_user_email: 'ann@example.com',
      end_user_display_name: 'Ann',
      organization_id: 'o1',
      organization_display_name: 'Acme',
      plan: 'pro',
      team: 'a',
    })
  })

  it('needs an end user or tags', async () => {
    expect((await create({})).body.error.code).toBe('invalid_body')
    expect((await create({ tags: { a: 'b' } })).status).toBe(201)
  })

  it('takes an older name of the webhook URL', async () => {
    const token = await world.newSession({
      integrations_config_defaults: { sf: { connection_config: { webhook_url: 'https://hooks.example.com/x' } } },
    })
    expect((await row(token))?.['webhook_url_override']).toBe('https://hooks.example.com/x')
  })
})

describe('reading a session', () => {
  it('shows what the Connect UI needs', async () => {
    const token = await world.newSession({
      end_user: { id: 'u1', display_name: 'Ann' },
      allowed_integrations: ['sf'],
      overrides: { sf: { docs_connect: 'https://docs.example.com' } },
    })
    const { status, body } = await world.api('GET', '/connect/session', token)
    expect(status).toBe(200)
    expect(body.data).toMatchObject({
      endUser: { id: 'u1', display_name: 'Ann', email: null },
      allowed_integrations: ['sf'],
      overrides: { sf: { docs_connect: 'https://docs.example.com' } },
      websocketsPath: '/',
      result: null,
    })
    expect(body.data).not.toHaveProperty('isReconnecting')
  })

  it('4. never shows the browser the secrets of a customer’s own app', async () => {
    const token = await world.newSession({
      integrations_config_defaults: {
        sf: {
          connection_config: {
            hostname: 'acme',
            oauth_client_id_override: 'id',
            oauth_client_secret_override: 'very-secret',
            oauth_refresh_token_override: 'very-secret',
          },
        },
      },
    })
    const { body } = await world.api('GET', '/connect/session', token)
    expect(body.data.integrations_config_defaults).toEqual({ sf: { connection_config: { hostname: 'acme' } } })
  })

  it('an empty list of integrations restricts nothing', async () => {
    const { body } = await world.api('GET', '/connect/session', await world.newSession({ allowed_integrations: [] }))
    expect(body.data).not.toHaveProperty('allowed_integrations')
  })
})

describe('ending', () => {
  it('12. an ended session is unknown', async () => {
    const token = await world.newSession()
    expect((await world.api('DELETE', '/connect/session', token)).status).toBe(204)
    expect(await world.api('GET', '/connect/session', token)).toMatchObject({
      status: 401,
      body: { error: { code: 'unknown_connect_session_token' } },
    })
  })

  it('12. so is one of more than 30 minutes; the clean-up removes it a day later', async () => {
    const token = await world.newSession()
    world.db.setClockOffset(31 * 60_000)
    try {
      expect((await world.api('GET', '/connect/session', token)).status).toBe(401)
      await cleanUpSessions(world.db.kysely)
      expect(await row(token)).toBeDefined()
      world.db.setClockOffset(25 * 3_600_000)
      await cleanUpSessions(world.db.kysely)
      expect(await row(token)).toBeUndefined()
    } finally {
      world.db.setClockOffset(0)
    }
  })
})

describe('a reconnect session', () => {
  it('is pinned to its connection and integration', async () => {
    await sql`insert into connection (id, environment_id, integration_id, connection_id) values (gen_random_uuid(), ${world.environmentId}, ${world.integrations.get('sf')!.id}, 'known')`.execute(
      world.db.kysely,
    )
    const { status, body } = await world.api('POST', '/connect/sessions/reconnect', API_KEY, {
      connection_id: 'known',
      integration_id: 'sf',
    })
    expect(status).toBe(201)
    const read = await world.api('GET', '/connect/session', body.data.token)
    expect(read.body.data).toMatchObject({ allowed_integrations: ['sf'], isReconnecting: true, endUser: null })
  })

  it.each([
    ['unknown', 'sf'],
    ['known', 'nope'],
    ['known', 'sf-sandbox'],
  ])('13. is refused for %s at %s', async (connection_id, integration_id) => {
    const { status, body } = await world.api('POST', '/connect/sessions/reconnect', API_KEY, { connection_id, integration_id })
    expect(status).toBe(400)
    expect(body.error.errors[0].message).toBe('ConnectionID or IntegrationId does not exists')
  })
})
