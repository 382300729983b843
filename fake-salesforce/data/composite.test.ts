import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FakeSalesforce } from '../fake-salesforce.ts'
import { startFakeSalesforce } from '../start.ts'
import { connect, data, type Answer, type Ask, STOPPED_CLOCK } from '../testing/browser.ts'

let fake: FakeSalesforce
let tokens: Record<string, string>
const base = '/services/data/v67.0'

beforeEach(async () => {
  fake = await startFakeSalesforce({ clock: STOPPED_CLOCK })
  tokens = await connect(fake)
})

afterEach(() => fake.close())

const call = (path: string, ask: Ask = {}): Promise<Answer> => data(fake, tokens, path, ask)

describe('composite', () => {
  it('runs its parts in turn, and lets one use the answer of another', async () => {
    const compositeRequest = [
      { method: 'POST', url: `${base}/sobjects/Account`, referenceId: 'acc', body: { Name: 'Ref' } },
      { method: 'POST', url: `${base}/sobjects/Contact`, referenceId: 'con', body: { LastName: 'L', AccountId: '@{acc.id}' } },
      { method: 'GET', url: `${base}/query?q=SELECT+Account.Name+FROM+Contact+WHERE+Id='@{con.id}'`, referenceId: 'q' },
      { method: 'GET', url: `${base}/sobjects/Nothing`, referenceId: 'bad' },
    ]
    const { status, json } = await call('/composite', { json: { compositeRequest } })
    expect([status, json.compositeResponse.map((one: { httpStatusCode: number }) => one.httpStatusCode)]).toEqual([
      200,
      [201, 201, 200, 404],
    ])
    const [account, , found, bad] = json.compositeResponse
    expect(account.httpHeaders.Location).toBe(`${base}/sobjects/Account/${account.body.id}`)
    expect(found.body.records[0].Account.Name).toBe('Ref')
    expect(bad.body[0].errorCode).toBe('NOT_FOUND')
  })

  it('halts after a failure with allOrNone', async () => {
    const bad = { method: 'GET', url: `${base}/sobjects/Nothing`, referenceId: 'a' }
    const good = { method: 'GET', url: `${base}/limits`, referenceId: 'b' }
    const { json } = await call('/composite', { json: { allOrNone: true, compositeRequest: [bad, good] } })
    expect(json.compositeResponse[1].body[0].errorCode).toBe('PROCESSING_HALTED')
    const loose = await call('/composite', { json: { compositeRequest: [bad, good] } })
    expect(loose.json.compositeResponse[1].httpStatusCode).toBe(200)
  })

  it('refuses more than 25 parts, composites within, and foreign paths', async () => {
    const part = (url: string) => ({ method: 'POST', url, referenceId: 'x', body: {} })
    const many = await call('/composite', { json: { compositeRequest: Array.from({ length: 26 }, () => part(`${base}/limits`)) } })
    expect([many.status, many.json[0].errorCode]).toEqual([400, 'EXCEEDED_MAX_SIZE_REQUEST'])
    const inner = [part(`${base}/composite`), part('/services/oauth2/revoke'), part(`${base}/%ff`)]
    const answer = await call('/composite', { json: { compositeRequest: inner } })
    expect(answer.json.compositeResponse.map((one: { httpStatusCode: number }) => one.httpStatusCode)).toEqual([404, 404, 404])
    expect((await call('/composite', { json: { compositeRequest: 'x' } })).status).toBe(400)
  })

  it('has batches', async () => {
    const batchRequests = [
      { method: 'GET', url: 'v67.0/limits' },
      { method: 'GET', url: 'v67.0/sobjects/Nothing' },
    ]
    const { json } = await call('/composite/batch', { json: { batchRequests } })
    expect([json.hasErrors, json.results.map((one: { statusCode: number }) => one.statusCode)]).toEqual([true, [200, 404]])
  })
})

describe('composite/sobjects', () => {
  const account = (Name?: string) => ({ attributes: { type: 'Account' }, ...(Name === undefined ? {} : { Name }) })

  it('creates with one outcome a record', async () => {
    const { status, json } = await call('/composite/sobjects', {
      json: { records: [account('One'), account(), { attributes: { type: 'Nope' } }] },
    })
    expect([status, json.map((one: { success: boolean }) => one.success)]).toEqual([200, [true, false, false]])
    expect(json[1].errors[0]).toMatchObject({ statusCode: 'REQUIRED_FIELD_MISSING', fields: ['Name'] })
    expect(json[2].errors[0].statusCode).toBe('INVALID_TYPE')
    const strict = await call('/composite/sobjects', { json: { allOrNone: true, records: [account('One'), account()] } })
    expect(strict.json[0].errors[0].statusCode).toBe('ALL_OR_NONE_OPERATION_ROLLED_BACK')
  })

  it('updates, upserts, retrieves, deletes', async () => {
    const made = (await call('/composite/sobjects', { json: { records: [account('One'), account('Two')] } })).json
    const ids: string[] = made.map((one: { id: string }) => one.id)
    const records = [
      { ...account('Uno'), id: ids[0] },
      { ...account('Dos'), Id: '001000000000000AAA' },
    ]
    const updated = await call('/composite/sobjects', { method: 'PATCH', json: { records } })
    expect(updated.json.map((one: { success: boolean }) => one.success)).toEqual([true, false])
    const read = await call(`/composite/sobjects/Account?ids=${ids.join(',')},001000000000000AAA&fields=Name`)
    expect(read.json.map((one: { Name: string } | null) => one?.Name)).toEqual(['Uno', 'Two', undefined])
    const upsert = () =>
      call('/composite/sobjects/Account/Ext__c', { method: 'PATCH', json: { records: [{ ...account('E'), Ext__c: 'e1' }] } })
    expect([(await upsert()).json[0].created, (await upsert()).json[0].created]).toEqual([true, false])
    const gone = await call(`/composite/sobjects?ids=${ids[0]},001000000000000AAA`, { method: 'DELETE' })
    expect(gone.json.map((one: { success: boolean }) => one.success)).toEqual([true, false])
    expect((await call(`/sobjects/Account/${ids[0]}`)).status).toBe(404)
  })

  it('takes 200 records and no more', async () => {
    const records = (count: number) => Array.from({ length: count }, (_, i) => account(`A${i}`))
    expect((await call('/composite/sobjects', { json: { records: records(200) } })).json).toHaveLength(200)
    expect((await call('/composite/sobjects', { json: { records: records(201) } })).status).toBe(400)
    expect((await call('/composite/sobjects', { method: 'DELETE' })).status).toBe(400)
  })
})
