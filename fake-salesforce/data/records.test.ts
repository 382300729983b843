import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FakeSalesforce } from '../fake-salesforce.ts'
import { isId18 } from '../ids.ts'
import { startFakeSalesforce } from '../start.ts'
import { connect, data, type Answer, type Ask, STOPPED_CLOCK } from '../testing/browser.ts'

let fake: FakeSalesforce
let tokens: Record<string, string>

beforeEach(async () => {
  fake = await startFakeSalesforce({ clock: STOPPED_CLOCK })
  tokens = await connect(fake)
})

afterEach(() => fake.close())

const call = (path: string, ask: Ask = {}): Promise<Answer> => data(fake, tokens, path, ask)

async function created(type: string, values: Record<string, unknown>): Promise<string> {
  const answer = await call(`/sobjects/${type}`, { json: values })
  expect([answer.status, answer.json.success, answer.json.errors]).toEqual([201, true, []])
  return answer.json.id
}

describe('one record', () => {
  it('is created, read, changed, deleted', async () => {
    const id = await created('Account', { Name: 'New', Industry: 'Retail', Tier__c: 'gold' })
    expect([isId18(id), id.slice(0, 3)]).toEqual([true, '001'])
    const read = await call(`/sobjects/Account/${id}`)
    expect(read.json).toMatchObject({
      Id: id,
      Name: 'New',
      Tier__c: 'gold',
      attributes: { type: 'Account', url: `/services/data/v67.0/sobjects/Account/${id}` },
    })
    expect((await call(`/sobjects/account/${id.slice(0, 15)}?fields=name`)).json).toEqual({
      attributes: read.json.attributes,
      Id: id,
      Name: 'New',
    })
    const changed = await call(`/sobjects/Account/${id}`, { method: 'PATCH', json: { Name: 'Newer' } })
    expect([changed.status, changed.text, changed.headers['content-length']]).toEqual([204, '', undefined])
    expect((await call(`/sobjects/Account/${id}`)).json.Name).toBe('Newer')
    expect((await call(`/sobjects/Account/${id}`, { method: 'DELETE' })).status).toBe(204)
    expect([(await call(`/sobjects/Account/${id}`)).status, (await call(`/sobjects/Account/${id}`)).json[0].errorCode]).toEqual([
      404,
      'ENTITY_IS_DELETED',
    ])
  })

  it('is refused with the known codes', async () => {
    const bad = async (path: string, ask: Ask): Promise<[number, string]> => {
      const answer = await call(path, ask)
      return [answer.status, answer.json[0].errorCode]
    }
    expect(await bad('/sobjects/Account', { json: { Industry: 'x' } })).toEqual([400, 'REQUIRED_FIELD_MISSING'])
    expect(await bad('/sobjects/Account', { json: { Name: 'x', Nonsense: 1 } })).toEqual([400, 'INVALID_FIELD'])
    expect(await bad('/sobjects/Account', { method: 'POST', body: '{' })).toEqual([400, 'JSON_PARSER_ERROR'])
    expect(await bad('/sobjects/Account', { json: [] })).toEqual([400, 'JSON_PARSER_ERROR'])
    expect(await bad('/sobjects/Account', { method: 'PUT', json: {} })).toEqual([405, 'METHOD_NOT_ALLOWED'])
    expect(await bad('/sobjects/Account/001000000000000AAA', {})).toEqual([404, 'NOT_FOUND'])
    const id = await created('Account', { Name: 'x' })
    expect(await bad(`/sobjects/Account/${id}?fields=Nonsense`, {})).toEqual([400, 'INVALID_FIELD'])
    expect(await bad(`/sobjects/Account/${id}`, { method: 'PATCH', json: { Nonsense: 1 } })).toEqual([400, 'INVALID_FIELD'])
  })

  it('is upserted by an external id: 201, 200, and 300 when two match', async () => {
    const path = '/sobjects/Account/Ext__c/e1'
    const first = await call(path, { method: 'PATCH', json: { Name: 'One' } })
    expect([first.status, first.json.created]).toEqual([201, true])
    const second = await call(path, { method: 'PATCH', json: { Name: 'Uno' } })
    expect([second.status, second.json.id, second.json.created]).toEqual([200, first.json.id, false])
    expect((await call(path)).json).toMatchObject({ Name: 'Uno', Ext__c: 'e1' })
    expect((await call('/sobjects/Account/Ext__c/e2')).status).toBe(404)
    const twin = await created('Account', { Name: 'Two', Ext__c: 'e1' })
    const many = await call(path)
    expect([many.status, many.json]).toEqual([
      300,
      [`/services/data/v67.0/sobjects/Account/${first.json.id}`, `/services/data/v67.0/sobjects/Account/${twin}`],
    ])
    expect((await call(path, { method: 'DELETE' })).status).toBe(300)
  })

  it('has the compound name of a person, and can be of the org itself', async () => {
    const id = await created('Contact', { FirstName: 'Eva', LastName: 'Holm' })
    expect((await call(`/sobjects/Contact/${id}`)).json.Name).toBe('Eva Holm')
    const user = fake.state.users.get('ann@acme.example.uat')
    expect((await call(`/sobjects/User/${user?.id}`)).json).toMatchObject({ Username: 'ann@acme.example.uat', IsActive: true })
    const orgId = fake.state.orgs.get('acme-uat')?.orgId
    expect((await call(`/sobjects/Organization/${orgId}`)).json).toMatchObject({
      IsSandbox: true,
      InstanceName: 'CS42',
      TrialExpirationDate: null,
    })
  })

  it('is taken gzipped', async () => {
    const body = gzipSync(JSON.stringify({ Name: 'Zipped' }))
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    expect((await call('/sobjects/Account', { method: 'POST', body, headers })).status).toBe(201)
    expect((await call('/sobjects/Account', { method: 'POST', body: 'no gzip', headers })).status).toBe(413)
  })
})

describe('describe', () => {
  it("lists types, the org's own included", async () => {
    fake.addRecords('acme-uat', 'Boat__c', [{ Name: 'Dory', Length__c: 4.5 }])
    const { json } = await call('/sobjects')
    const boat = json.sobjects.find((one: { name: string }) => one.name === 'Boat__c')
    expect(boat).toMatchObject({ custom: true, urls: { describe: '/services/data/v67.0/sobjects/Boat__c/describe' } })
    const fields = (await call('/sobjects/Boat__c/describe')).json.fields
    expect(fields.find((one: { name: string }) => one.name === 'Length__c')).toMatchObject({ type: 'double', custom: true })
    const { id } = (await call('/sobjects/Boat__c', { json: { Name: 'Skiff' } })).json
    expect(id.slice(0, 3)).toBe(boat.keyPrefix)
    expect((await call('/sobjects/Account')).json.objectDescribe.keyPrefix).toBe('001')
  })

  it('answers 304 when nothing changed', async () => {
    const first = await call('/sobjects/Account/describe')
    const since = first.headers['last-modified'] ?? ''
    const again = await call('/sobjects/Account/describe', { headers: { 'if-modified-since': since } })
    expect([first.status, again.status, again.text]).toEqual([200, 304, ''])
    const older = new Date(Date.parse(since) - 1000).toUTCString()
    expect((await call('/sobjects/Account/describe', { headers: { 'if-modified-since': older } })).status).toBe(200)
  })
})

describe('files', () => {
  it('come back as they were sent, 20 MB and more', async () => {
    const file = Buffer.alloc(20 * 1024 * 1024, 'abc')
    const id = await created('ContentVersion', { Title: 'big', PathOnClient: 'big.bin', VersionData: file.toString('base64') })
    expect((await call(`/sobjects/ContentVersion/${id}`)).json).toMatchObject({
      ContentSize: file.length,
      VersionData: `/services/data/v67.0/sobjects/ContentVersion/${id}/VersionData`,
    })
    const back = await call(`/sobjects/ContentVersion/${id}/VersionData`)
    expect([back.status, back.headers['content-length']]).toEqual([200, String(file.length)])
    expect(back.bytes.equals(file)).toBe(true)
  })

  it('of any size are made while they are sent', async () => {
    const [row] = fake.addRecords('acme-uat', 'ContentVersion', [{ Title: 'made', ContentSize: 3_000_001 }])
    const answer = await call(`/sobjects/ContentVersion/${row?.Id}/VersionData`)
    expect([answer.bytes.length, answer.bytes.readUInt32BE(4)]).toEqual([3_000_001, (4 * 2_654_435_761) % 2 ** 32])
    const head = await call(`/sobjects/ContentVersion/${row?.Id}/VersionData`, { method: 'HEAD' })
    expect([head.headers['content-length'], head.bytes.length]).toEqual(['3000001', 0])
  })
})
