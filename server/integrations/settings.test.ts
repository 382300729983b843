import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Principal } from '#http/principal.ts'
import { newId } from '#lib/ids.ts'
import { createRig, environmentId, type Rig } from './integrations-rig.ts'

let rig: Rig
beforeAll(async () => {
  rig = await createRig()
})
beforeEach(() => rig.empty())
afterAll(() => rig.close())

const INSTALL = 'https://login.salesforce.com/packaging/installPackage.apexp?p0=04t000000000001AAA'
const params = { uniqueKey: 'sf' }
const create = (more: object = {}) =>
  rig.ask('createQuickstartIntegration', { body: { provider: 'salesforce', unique_key: 'sf', ...more } })
const update = (body: object) => rig.ask('updateIntegration', { params, body })
const get = async () => (await rig.ask('getIntegration', { params })).data
const migrate = async (body: object) => (await rig.ask('recordAppMigration', { params, body })).data['app_migration']
const session: Principal = { kind: 'session', sessionId: 's', environmentId, environmentName: 'dev', allowedIntegrations: ['sf'] }

describe('install_url and wrong_org_kind', () => {
  it('are absent and strict by default, and change one at a time', async () => {
    await create()
    expect(await get()).toMatchObject({ install_url: null, wrong_org_kind: 'refuse', app_migration: null })
    await update({ install_url: INSTALL })
    await update({ wrong_org_kind: 'warn' })
    expect(await get()).toMatchObject({ install_url: INSTALL, wrong_org_kind: 'warn' })
    await update({ install_url: null })
    expect(await get()).toMatchObject({ install_url: null, wrong_org_kind: 'warn' })
  })

  it('may be given at the creation', async () => {
    expect((await create({ install_url: INSTALL, wrong_org_kind: 'warn' })).data).toMatchObject({
      install_url: INSTALL,
      wrong_org_kind: 'warn',
    })
    const credentials = { type: 'OAUTH2', client_id: 'a' }
    const body = { provider: 'salesforce', unique_key: 'full', credentials, install_url: INSTALL }
    expect((await rig.ask('createIntegration', { body })).data).toMatchObject({ install_url: INSTALL, wrong_org_kind: 'refuse' })
  })

  it.each(['javascript:alert(1)', 'http://login.salesforce.com/x', 'https://a:b@evil.example/', '', 'login.salesforce.com'])(
    'an install URL is a plain https address, not %j',
    async (install_url) => {
      await create()
      await expect(update({ install_url })).rejects.toThrow(/install_url/)
    },
  )
})

describe('POST /integrations/:uniqueKey/app-migration', () => {
  it('keeps the canary and the outcome; a connect session sees the install URL, but nothing of the move', async () => {
    await create({ install_url: INSTALL })
    await sql`insert into connection (id, environment_id, integration_id, connection_id)
      values (${newId()}, ${environmentId}, ${await rig.idOf()}, 'canary')`.execute(rig.db.kysely)
    const announced = { state: 'announced', announced_at: expect.any(String), canary_connection_id: 'canary', done_at: null, outcome: null }
    expect(await migrate({ state: 'announced', canary_connection_id: 'canary' })).toEqual(announced)
    const done = { ...announced, state: 'done', done_at: expect.any(String), outcome: 'survived' }
    expect(await migrate({ state: 'done', outcome: 'survived' })).toEqual(done)
    expect(await migrate({ state: 'done', outcome: 'survived' })).toEqual(done)
    expect((await get())['app_migration']).toEqual(done)
    expect(await rig.ask('listIntegrations', { principal: session })).toMatchObject({
      data: [{ install_url: INSTALL, app_migration: null }],
    })
    expect(rig.changes.map(({ action }) => action)).toContain('integration.app_migration')
  })

  it('begins anew when it is announced again', async () => {
    await create()
    await migrate({ state: 'announced' })
    await migrate({ state: 'done', outcome: 'reconnect' })
    expect(await migrate({ state: 'announced' })).toMatchObject({
      state: 'announced',
      canary_connection_id: null,
      done_at: null,
      outcome: null,
    })
  })

  it('refuses a canary that is no connection of the integration, and an outcome of nothing', async () => {
    await create()
    await rig.ask('createQuickstartIntegration', { body: { provider: 'salesforce', unique_key: 'other' } })
    await sql`insert into connection (id, environment_id, integration_id, connection_id)
      values (${newId()}, ${environmentId}, ${await rig.idOf('other')}, 'theirs')`.execute(rig.db.kysely)
    const announced = { state: 'announced', canary_connection_id: 'theirs' }
    expect((await rig.refusal('recordAppMigration', { params, body: announced })).code).toBe('unknown_connection')
    expect((await rig.refusal('recordAppMigration', { params, body: { state: 'done', outcome: 'survived' } })).code).toBe('conflict')
    expect((await get())['app_migration']).toBeNull()
  })
})
