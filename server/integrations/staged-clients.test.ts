import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sql } from 'kysely'
import { clientCalls, failureOf } from './client-calls-for-tests.ts'
import { clientsToTry } from './clients-to-try.ts'
import { createRig, type Rig } from './integrations-rig.ts'

let rig: Rig
let calls: ReturnType<typeof clientCalls>
beforeAll(async () => {
  rig = await createRig()
  calls = clientCalls(rig)
})
beforeEach(async () => {
  await rig.empty()
  const credentials = { type: 'OAUTH2', client_id: 'app-1', client_secret: 'secret-1' }
  await rig.ask('createIntegration', { body: { provider: 'salesforce', unique_key: 'sf', credentials } })
  rig.changes.length = 0
})
afterAll(() => rig.close())

const params = { uniqueKey: 'sf' }
const list: typeof calls.list = (...input) => calls.list(...input)
const named: typeof calls.named = (...input) => calls.named(...input)
const stage: typeof calls.stage = (...input) => calls.stage(...input)
const promote: typeof calls.promote = (...input) => calls.promote(...input)
const forget: typeof calls.forget = (...input) => calls.forget(...input)
const patch: typeof calls.patch = (...input) => calls.patch(...input)
const connection: typeof calls.connection = (...input) => calls.connection(...input)
const clientOfGrant: typeof calls.clientOfGrant = (...input) => calls.clientOfGrant(...input)

describe('staged rotation', () => {
  it('stage, promote, forget: each call may be sent twice', async () => {
    const grant = await connection('app-1', 'c')
    const staged = await stage()
    expect(staged).toMatchObject({ client_id: 'app-2', state: 'staged', succeeds: (await named('app-1')).id, connections: 0 })
    expect(await stage()).toEqual(staged)
    expect((await rig.integrations.clientOf(await rig.idOf()))?.clientId).toBe('app-1')

    const promoted = await promote()
    expect(promoted).toMatchObject({ id: staged.id, state: 'active' })
    expect(await promote()).toEqual(promoted)
    expect(await list()).toMatchObject([
      { client_id: 'app-2', state: 'active' },
      { client_id: 'app-1', state: 'retired', connections: 1, retired_at: expect.any(String) },
    ])

    const former = await named('app-1')
    expect((await failureOf(() => forget(former.id))).message).toContain('until the new credentials have refreshed one connection')
    await connection('app-2', 'proof')
    expect(await forget(former.id)).toEqual({ success: true, moved_connections: 1 })
    expect((await failureOf(() => forget(former.id))).code).toBe('not_found')
    expect(await clientOfGrant(grant)).toBe('app-2')
    expect(rig.changes.map(({ action }) => action)).toEqual([
      ...['integration.client_staged', 'integration.client_staged', 'integration.client_promoted', 'integration.client_deleted'],
    ])
    expect(JSON.stringify(rig.changes)).not.toMatch(/secret-\d/)
  })

  it('what was refreshed with the new credentials before the former retired proves nothing', async () => {
    await connection('app-1', 'c')
    await stage()
    const early = await connection('app-2', 'early')
    await promote()
    await sql`update "grant" set refreshed_at = hawser_now() - interval '1 min' where id = ${early}`.execute(rig.db.kysely)
    expect((await failureOf(async () => forget((await named('app-1')).id))).code).toBe('client_in_use')
  })

  it('takes another secret for the staged credentials, but no other credentials beside them', async () => {
    const { id } = await stage()
    await stage('app-2', 'mended')
    expect(await rig.secretOf(id)).toBe('mended')
    expect((await failureOf(() => stage('app-3'))).code).toBe('conflict')
    expect((await failureOf(() => patch('app-3'))).code).toBe('conflict')
    expect(await rig.refusal('stageIntegrationClient', { params, body: { client_id: 'app-1', client_secret: 'x' } })).toEqual({
      ...{ code: 'invalid_body', path: ['client_id'] },
    })
  })

  it('needs an app, and does not stage one that is in use from earlier', async () => {
    await rig.ask('createQuickstartIntegration', { body: { provider: 'salesforce', unique_key: 'bare' } })
    const bare = { params: { uniqueKey: 'bare' }, body: { client_id: 'x', client_secret: 'y' } }
    expect((await rig.refusal('stageIntegrationClient', bare)).code).toBe('missing_client_id')
    expect((await rig.refusal('promoteIntegrationClient', { params: { uniqueKey: 'bare' } })).code).toBe('not_found')
    await connection('app-1')
    await patch('app-2')
    expect((await rig.refusal('stageIntegrationClient', { params, body: { client_id: 'app-1', client_secret: 'x' } })).path).toEqual([
      'client_id',
    ])
  })

  it('two at once: one staged row', async () => {
    const answers = await Promise.allSettled(['x', 'y', 'x', 'y'].map((clientId) => stage(clientId)))
    expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(2)
    expect((await list()).filter((client) => client.state === 'staged')).toHaveLength(1)
    const promoted = await Promise.all([promote(), promote()])
    expect(promoted[0]).toEqual(promoted[1])
  })

  it('staged credentials are forgotten on demand, unless connections were moved to them already', async () => {
    await stage()
    const again = () => rig.ask('deleteStagedIntegrationClient', { params })
    expect([await again(), await again()]).toEqual([{ success: true }, { success: true }])
    expect((await list()).map((client) => client.client_id)).toEqual(['app-1'])
    await stage()
    await connection('app-2', 'moved')
    const { code, details, message } = await failureOf(again)
    expect([code, details.payload]).toEqual(['client_in_use', { connections: 1, sign_ins: 0, examples: ['moved'] }])
    expect(message).toContain('Promote')
  })

  it('a second rotation: a row may go from the middle, and what is left stays one app', async () => {
    const oldest = await connection('app-1', 'oldest')
    await stage('app-2')
    await promote()
    await stage('app-3')
    await promote()
    await forget((await named('app-2')).id)
    expect((await named('app-3')).succeeds).toBe((await named('app-1')).id)
    await connection('app-3', 'proof')
    await forget((await named('app-1')).id)
    expect(await clientOfGrant(oldest)).toBe('app-3')
  })
})

describe('the clients that a grant may be refreshed with', () => {
  const tried = async (clientId: string | undefined) => {
    const id = clientId === undefined ? undefined : (await named(clientId)).id
    const deps = { db: rig.db.kysely, vault: rig.vault }
    return (await clientsToTry(deps, await rig.idOf(), id)).map((client) => client.clientId)
  }

  it('the one that minted it, if there is no other of the same app', async () => {
    await connection('app-1')
    await patch('app-9')
    expect([await tried('app-1'), await tried('app-9'), await tried(undefined)]).toEqual([['app-1'], ['app-9'], ['app-9']])
  })

  it('the active one first, then its successor or predecessor', async () => {
    await stage()
    expect([await tried('app-1'), await tried('app-2')]).toEqual([
      ['app-1', 'app-2'],
      ['app-1', 'app-2'],
    ])
    await promote()
    expect([await tried('app-1'), await tried('app-2'), await tried(undefined)]).toEqual(
      Array.from({ length: 3 }, () => ['app-2', 'app-1']),
    )
    await stage('app-3')
    expect([await tried('app-1'), await tried('app-2'), await tried('app-3')]).toEqual([
      ['app-2', 'app-1'],
      ['app-2', 'app-3'],
      ['app-2', 'app-3'],
    ])
  })
})
