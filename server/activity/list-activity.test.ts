import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { listActivity as route } from '@hawser/api/activity.ts'
import type { KeyPrincipal } from '#http/principal.ts'
import { newId } from '#lib/ids.ts'
import { aCall, createActivityRig, ENVIRONMENT, NOW, OTHER_ENVIRONMENT, type ActivityRig } from './activity-rig.ts'
import { getActivity } from './get-activity.ts'
import { listActivity } from './list-activity.ts'
import { timeOfId } from './times-of-ids.ts'

let rig: ActivityRig
const connectionUuid = newId(NOW)
const clock = { ms: NOW + 60_000, now: () => clock.ms }
const DIAGNOSIS = {
  ...{
    code: 'd',
    class: 'reconnect',
    actor: 'end_user',
    transient: false,
    title: 't',
    cause: 'c',
    fix: [],
    end_user_text: 'e',
    confidence: 'V',
  },
  ...{ source: 's', docs: null, evidence: {} },
}
type List = z.output<typeof route.reply.body>

beforeAll(async () => {
  rig = await createActivityRig()
  const integration = newId()
  await rig.db.pool.query(
    `insert into integration (id, environment_id, unique_key, provider, display_name) values ($1, $2, 'sf', 'salesforce', 'S')`,
    [integration, ENVIRONMENT],
  )
  await rig.db.pool.query(`insert into connection (id, environment_id, integration_id, connection_id) values ($1, $2, $3, 'acme')`, [
    connectionUuid,
    ENVIRONMENT,
    integration,
  ])
  const activity = rig.activity()
  const acme = { uuid: connectionUuid, connectionId: 'acme' }
  activity.record(aCall({ at: NOW + 1000, path: '/one', connection: acme, endUserId: 'jane' }))
  activity.record(aCall({ at: NOW + 2000, path: '/Two', failed: true, status: 500, connection: acme }))
  activity.record(aCall({ at: NOW + 3000, path: '/three', integrationKey: 'other', connection: { uuid: newId(), connectionId: 'gone' } }))
  activity.record(
    aCall({
      ...{
        at: NOW + 4000,
        kind: 'refresh',
        action: 'refresh',
        failed: true,
        status: 400,
        path: undefined,
        connection: { uuid: connectionUuid },
      },
      ...{
        actor: { kind: 'system' },
        error: { code: 'invalid_credentials', title: 'The grant is gone', message: 'm' },
        diagnosis: DIAGNOSIS,
      },
      steps: [{ at: NOW + 3500, level: 'info', text: 'Token request to x' }],
    }),
  )
  activity.record(aCall({ at: NOW + 5000, path: '/foreign', environmentId: OTHER_ENVIRONMENT }))
  await activity.close()
})
afterAll(() => rig?.close())

const principal = (environmentId: string): KeyPrincipal => ({ kind: 'key', keyId: 'k', environmentId, environmentName: 'dev', scopes: [] })
const deps = () => ({ db: rig.db.kysely, clock, flush: async () => {} })
async function ask(query: Record<string, unknown>, environmentId = ENVIRONMENT): Promise<List> {
  const { route: asked, handle } = listActivity(deps())
  const answer = await handle({ query: asked.query!.parse(query), principal: principal(environmentId) } as never)
  return asked.reply.body!.parse(answer) as List
}
const what = async (query: Record<string, unknown>) => (await ask(query)).operations.map((one) => one.path ?? one.kind)
async function get(operationId: string, environmentId = ENVIRONMENT) {
  const { route: asked, handle } = getActivity(deps())
  const answer = await handle({ params: { operationId }, principal: principal(environmentId) } as never)
  return (asked.reply.body!.parse(answer) as { data: Record<string, unknown> }).data
}

describe('GET /activity', () => {
  it('shows the latest first, with what is known of each', async () => {
    const { operations, next } = await ask({})
    expect(operations.map((one) => one.path ?? one.kind)).toEqual(['refresh', '/three', '/Two', '/one'])
    expect(next).toBeNull()
    expect(operations[3]).toEqual({
      ...{ id: expect.any(String), at: new Date(NOW + 1000).toISOString(), kind: 'call', action: 'proxy', outcome: 'success', status: 200 },
      ...{ duration_ms: 12, integration: 'sf', connection_id: 'acme', end_user_id: 'jane', actor: { kind: 'key', id: 'k' } },
      ...{ method: 'GET', host: 'acme.my.salesforce.com', path: '/services/data', error: null },
      path: '/one',
    })
    // Its name comes from the connection itself.
    expect(operations[0]).toMatchObject({ connection_id: 'acme', error: { code: 'invalid_credentials', title: 'The grant is gone' } })
  })

  it('13. shows nothing of another environment', async () => {
    expect((await ask({}, OTHER_ENVIRONMENT)).operations.map((one) => one.path)).toEqual(['/foreign'])
    const [foreign] = (await ask({}, OTHER_ENVIRONMENT)).operations
    expect((await ask({ search: foreign!.id })).operations).toEqual([])
    await expect(get(foreign!.id)).rejects.toMatchObject({ code: 'not_found' })
    expect((await ask({ connection: 'acme' }, OTHER_ENVIRONMENT)).operations).toEqual([])
  })

  it.each<[Record<string, unknown>, string[]]>([
    [{ kind: 'call' }, ['/three', '/Two', '/one']],
    [{ kind: 'refresh,sign_in' }, ['refresh']],
    [{ kind: 'refresh,call' }, ['refresh', '/three', '/Two', '/one']],
    [{ outcome: 'failure' }, ['refresh', '/Two']],
    [{ outcome: 'success' }, ['/three', '/one']],
    [{ integration: 'other' }, ['/three']],
    [{ connection: 'acme' }, ['refresh', '/Two', '/one']],
    [{ connection: 'acme', outcome: 'failure', kind: 'call' }, ['/Two']],
    // Of a connection that is gone.
    [{ connection: 'gone' }, ['/three']],
    [{ connection: 'nobody' }, []],
    [{ end_user: 'jane' }, ['/one']],
    [{ search: 'TWO' }, ['/Two']],
    [{ search: 'invalid_cred' }, ['refresh']],
    [{ search: 'salesforce.com', limit: '2' }, ['refresh', '/three']],
    [{ search: "%' or 1=1" }, []],
    [{ from: new Date(NOW + 2000).toISOString(), to: new Date(NOW + 4000).toISOString() }, ['/three', '/Two']],
  ])('filters by %j', async (query, expected) => {
    expect(await what(query)).toEqual(expected)
  })

  it('finds an operation by its whole id', async () => {
    const [, second] = (await ask({})).operations
    expect(await what({ search: second!.id })).toEqual(['/three'])
  })

  it('pages by cursor, without gaps and within a time', async () => {
    const first = await ask({ limit: '2' })
    const second = await ask({ limit: '2', cursor: first.next! })
    expect([...first.operations, ...second.operations].map((one) => one.path ?? one.kind)).toEqual(['refresh', '/three', '/Two', '/one'])
    expect(second.next).toBeNull()
    expect(await what({ cursor: first.next!, from: new Date(NOW + 1500).toISOString() })).toEqual(['/Two'])
    expect(await what({ cursor: first.next!, to: new Date(NOW + 1500).toISOString() })).toEqual(['/one'])
  })

  it('tells what has happened since, in order, and what may have come late once more', async () => {
    const { latest } = await ask({})
    expect(timeOfId(latest)).toBe(clock.ms - 3000)
    const activity = rig.activity()
    // Another node wrote it a moment after the answer above.
    activity.record(aCall({ at: clock.ms - 1000, path: '/late' }))
    await activity.flush()
    clock.ms += 10_000
    activity.record(aCall({ at: clock.ms - 500, path: '/new' }))
    await activity.flush()
    const tail = await ask({ after: latest })
    expect(tail.operations.map((one) => one.path)).toEqual(['/late', '/new'])
    expect(tail.next).toBeNull()
    expect((await ask({ after: tail.latest })).operations.map((one) => one.path)).toEqual(['/new'])
    clock.ms += 10_000
    const quiet = await ask({ after: (await ask({ after: tail.latest })).latest })
    expect(quiet.operations).toEqual([])
    // A full page goes on where it ended.
    const one = await ask({ after: latest, limit: '1' })
    expect((await ask({ after: one.latest, limit: '1' })).operations.map((each) => each.path)).toEqual(['/new'])
    await activity.close()
  })
})

describe('GET /activity/:id', () => {
  it('tells the steps from beginning to end', async () => {
    const [refresh, , two] = (await ask({ to: new Date(NOW + 4500).toISOString() })).operations
    expect(await get(refresh!.id)).toMatchObject({
      diagnosis: DIAGNOSIS,
      error_message: 'm',
      messages: [
        { level: 'info', text: 'Token request to x' },
        { level: 'error', text: 'Failed after 12 ms: invalid_credentials (The grant is gone)' },
      ],
    })
    expect(await get(two!.id)).toMatchObject({
      messages: [
        { level: 'info', text: 'GET https://acme.my.salesforce.com/Two' },
        { level: 'error', text: 'Answered 500 after 12 ms' },
      ],
    })
  })

  it('13. answers 404 for what is not there', async () => {
    await expect(get(newId())).rejects.toMatchObject({ code: 'not_found' })
  })
})
