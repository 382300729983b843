import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FakeSalesforce } from '../fake-salesforce.ts'
import { startFakeSalesforce } from '../start.ts'
import { connect, data, send, type Answer, type Ask, STOPPED_CLOCK } from '../testing/browser.ts'

let fake: FakeSalesforce
let tokens: Record<string, string>

beforeEach(async () => {
  fake = await startFakeSalesforce({ clock: STOPPED_CLOCK })
  tokens = await connect(fake)
})

afterEach(() => fake.close())

function query(soql: string, ask: Ask = {}, resource = 'query', more = ''): Promise<Answer> {
  return data(fake, tokens, `/${resource}?q=${encodeURIComponent(soql)}${more}`, ask)
}

function follow(path: string): Promise<Answer> {
  return send(fake, `${tokens['instance_url']}${path}`, { bearer: tokens['access_token'] ?? '' })
}

const names = (answer: Answer): string[] => answer.json.records.map((record: { Name: string }) => record.Name)

describe('a query', () => {
  it('answers records with attributes', async () => {
    const { json } = await query("SELECT Id, name FROM Account WHERE Name = 'acme NORTH'")
    expect(json).toMatchObject({ totalSize: 1, done: true })
    expect(json.records[0]).toEqual({
      attributes: { type: 'Account', url: `/services/data/v67.0/sobjects/Account/${json.records[0].Id}` },
      Id: json.records[0].Id,
      Name: 'Acme North',
    })
  })

  it('filters, sorts, limits', async () => {
    fake.addRecords('acme-uat', 'Account', [
      { Name: 'Zeta', NumberOfEmployees: 5 },
      { Name: "O'Hara", NumberOfEmployees: 50 },
    ])
    const rows = async (rest: string) => names(await query(`SELECT Name FROM Account ${rest}`))
    expect(await rows("WHERE Name LIKE 'acme%' AND NOT Name LIKE '%north'")).toEqual(['Acme South', 'Acme West'])
    expect(await rows("WHERE Name IN ('Zeta', 'Acme West') ORDER BY Name DESC")).toEqual(['Zeta', 'Acme West'])
    expect(await rows("WHERE Name NOT IN ('Zeta') ORDER BY Name LIMIT 1 OFFSET 1")).toEqual(['Acme South'])
    expect(await rows('WHERE NumberOfEmployees >= 5 AND NumberOfEmployees < 50')).toEqual(['Zeta'])
    expect(await rows("WHERE Name = 'O\\'Hara' OR (NumberOfEmployees = 5 AND Name != null)")).toEqual(['Zeta', "O'Hara"])
    expect((await rows('ORDER BY NumberOfEmployees DESC NULLS LAST LIMIT 2')).toSorted()).toEqual(["O'Hara", 'Zeta'])
    expect(await rows('WHERE CreatedDate > 2000-01-01T00:00:00Z AND IsDeleted = false LIMIT 1')).toEqual(['Acme North'])
  })

  it('reads relationships, counts, and the field groups', async () => {
    const [account] = fake.addRecords('acme-uat', 'Account', [{ Name: 'Parent' }])
    fake.addRecords('acme-uat', 'Contact', [{ LastName: 'Child', AccountId: account?.Id }])
    const { json } = await query("SELECT LastName, Account.Name, Owner.Username FROM Contact WHERE Account.Name = 'Parent'")
    expect(json.records[0].Account).toMatchObject({ Name: 'Parent' })
    expect(json.records[0].Owner.Username).toBe('ann@acme.example.uat')
    expect((await query('SELECT COUNT() FROM Account')).json).toEqual({ totalSize: 4, done: true, records: [] })
    expect((await query('SELECT COUNT(Id) FROM Account')).json.records[0].expr0).toBe(4)
    expect((await query('SELECT COUNT(Id) total FROM Account')).json.records[0].total).toBe(4)
    expect((await query('SELECT FIELDS(STANDARD) FROM Account LIMIT 1')).json.records[0]).toHaveProperty('BillingCity')
  })

  it('reads the org itself, the way the CLI decides what it is', async () => {
    const soql = 'SELECT Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, OrganizationType FROM Organization'
    expect((await query(soql)).json.records[0]).toMatchObject({
      IsSandbox: true,
      TrialExpirationDate: null,
      OrganizationType: 'Enterprise Edition',
    })
    await fake.addOrg({ key: 'scratchy', kind: 'scratch' })
    expect(fake.state.orgs.get('scratchy')?.trialExpirationDate).not.toBeNull()
  })

  it('leaves deleted rows to queryAll', async () => {
    const { Id } = (await query("SELECT Id FROM Account WHERE Name = 'Acme North'")).json.records[0]
    await data(fake, tokens, `/sobjects/Account/${Id}`, { method: 'DELETE' })
    expect((await query('SELECT Id FROM Account')).json.totalSize).toBe(2)
    expect((await query('SELECT Id FROM Account', {}, 'queryAll')).json.totalSize).toBe(3)
  })

  it('refuses what Salesforce refuses', async () => {
    const code = async (soql: string) => {
      const answer = await query(soql)
      return [answer.status, answer.json[0].errorCode]
    }
    expect((await query('SELECT Id FROM ScratchOrgInfo')).json).toEqual([
      { message: "sObject type 'ScratchOrgInfo' is not supported.", errorCode: 'INVALID_TYPE' },
    ])
    expect(await code('SELECT Nonsense FROM Account')).toEqual([400, 'INVALID_FIELD'])
    expect(await code('SELECT Id FROM Account WHERE Nonsense = 1')).toEqual([400, 'INVALID_FIELD'])
    expect(await code('SELEKT')).toEqual([400, 'MALFORMED_QUERY'])
    expect((await data(fake, tokens, '/query')).json[0].errorCode).toBe('MALFORMED_QUERY')
    expect((await query('SELECT Id FROM SandboxProcess', {}, 'tooling/query')).json[0].errorCode).toBe('INVALID_TYPE')
  })

  it('tells its columns', async () => {
    const { json } = await query('SELECT Id, Name, AnnualRevenue FROM Account', {}, 'query', '&columns=true')
    expect(json).toMatchObject({ entityName: 'Account', groupBy: false, idSelected: true, keyPrefix: '001' })
    expect(json.columnMetadata.map((one: { columnName: string; apexType: string }) => [one.columnName, one.apexType])).toEqual([
      ['Id', 'Id'],
      ['Name', 'String'],
      ['AnnualRevenue', 'Double'],
    ])
  })
})

describe('pages', () => {
  it('are as large as the knob says, linked by root-relative paths', async () => {
    fake.set('knobs.pageSize', 2)
    const first = await query('SELECT Id, Name FROM Account ORDER BY Name')
    expect(first.json).toMatchObject({ totalSize: 3, done: false })
    expect(first.json.nextRecordsUrl).toMatch(/^\/services\/data\/v67\.0\/query\/01g[0-9A-Za-z]{15}-2$/)
    const last = await follow(first.json.nextRecordsUrl)
    expect(last.json).toMatchObject({ totalSize: 3, done: true })
    expect(last.json).not.toHaveProperty('nextRecordsUrl')
    expect([...names(first), ...names(last)]).toEqual(['Acme North', 'Acme South', 'Acme West'])
    const all = await query('SELECT Id FROM Account', {}, 'queryAll')
    expect((await follow(all.json.nextRecordsUrl)).json.records).toHaveLength(1)
    const tooling = await query('SELECT Id FROM Account', {}, 'tooling/query')
    expect((await follow(tooling.json.nextRecordsUrl)).json.done).toBe(true)
  })

  it('follow the batchSize header within 200 and 2000', async () => {
    fake.addRecords(
      'acme-uat',
      'Account',
      Array.from({ length: 2100 }, (_, i) => ({ Name: `A${i}` })),
    )
    const size = async (header?: string) => {
      const ask = header === undefined ? {} : { headers: { 'sforce-query-options': `batchSize=${header}` } }
      return (await query('SELECT Id FROM Account', ask)).json.records.length
    }
    expect([await size(), await size('500'), await size('10'), await size('9999')]).toEqual([2000, 500, 200, 2000])
  })

  it('expire after two days, and belong to their org', async () => {
    fake.set('knobs.pageSize', 2)
    const path = (await query('SELECT Id FROM Account')).json.nextRecordsUrl
    const globex = await connect(fake, { at: 'org:globex-uat', app: 'hawser_globex_uat' })
    const abroad = await send(fake, `${globex['instance_url']}${path}`, { bearer: globex['access_token'] ?? '' })
    expect([abroad.status, abroad.json[0].errorCode]).toEqual([400, 'INVALID_QUERY_LOCATOR'])
    fake.advance(2 * 86_400_000 + 1)
    tokens = await connect(fake)
    expect((await follow(path)).json[0].errorCode).toBe('INVALID_QUERY_LOCATOR')
    expect((await follow('/services/data/v67.0/query/nonsense')).status).toBe(400)
  })
})
