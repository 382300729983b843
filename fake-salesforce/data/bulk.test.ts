import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FakeSalesforce } from '../fake-salesforce.ts'
import { startFakeSalesforce } from '../start.ts'
import { connect, data, type Answer, type Ask, STOPPED_CLOCK } from '../testing/browser.ts'
import { parseCsv } from './csv.ts'

let fake: FakeSalesforce
let tokens: Record<string, string>

beforeEach(async () => {
  fake = await startFakeSalesforce({ clock: STOPPED_CLOCK })
  tokens = await connect(fake)
})

afterEach(() => fake.close())

const call = (path: string, ask: Ask = {}): Promise<Answer> => data(fake, tokens, path, ask)

describe('bulk query', () => {
  const create = async (query: string): Promise<string> => {
    const answer = await call('/jobs/query', { json: { operation: 'query', query } })
    expect([answer.status, answer.json.state, answer.json.id.slice(0, 3)]).toEqual([200, 'UploadComplete', '750'])
    return answer.json.id
  }

  it('gives pages of CSV; the last locator is the word null', async () => {
    const id = await create('SELECT Id, Name, Owner.Username FROM Account ORDER BY Name')
    expect((await call(`/jobs/query/${id}/results`)).status).toBe(400)
    expect((await call(`/jobs/query/${id}`)).json).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 3 })
    const first = await call(`/jobs/query/${id}/results?maxRecords=2`)
    expect(first.headers['content-type']).toBe('text/csv')
    expect(first.headers['sforce-numberofrecords']).toBe('2')
    const rows = parseCsv(first.text) ?? []
    expect(rows[0]).toEqual(['Id', 'Name', 'Owner.Username'])
    expect(rows[1]?.slice(1)).toEqual(['Acme North', 'ann@acme.example.uat'])
    const locator = String(first.headers['sforce-locator'])
    const second = await call(`/jobs/query/${id}/results?maxRecords=2&locator=${locator}`)
    expect([second.headers['sforce-locator'], second.headers['sforce-numberofrecords']]).toEqual(['null', '1'])
    expect(parseCsv(second.text)?.[1]?.[1]).toBe('Acme West')
    const all = await call(`/jobs/query/${id}/results`)
    expect([all.headers['sforce-locator'], parseCsv(all.text)?.length]).toEqual(['null', 4])
  })

  it('takes as many polls as the knob says', async () => {
    fake.set('knobs.bulkPolls', 3)
    const id = await create('SELECT Id FROM Account')
    const states = []
    for (let i = 0; i < 3; i++) states.push((await call(`/jobs/query/${id}`)).json.state)
    expect(states).toEqual(['InProgress', 'InProgress', 'JobComplete'])
  })

  it('refuses bad locators, sizes, operations, queries, foreign jobs', async () => {
    const id = await create('SELECT Id FROM Account')
    await call(`/jobs/query/${id}`)
    for (const query of ['locator=!!', 'locator=OTk5', 'maxRecords=0', 'maxRecords=x']) {
      expect((await call(`/jobs/query/${id}/results?${query}`)).status).toBe(400)
    }
    expect((await call('/jobs/query', { json: { operation: 'insert', query: 'x' } })).status).toBe(400)
    expect((await call('/jobs/query', { json: { operation: 'query' } })).status).toBe(400)
    expect((await call('/jobs/query', { json: { operation: 'query', query: 'SELECT Id FROM Nope' } })).json[0].errorCode).toBe(
      'INVALID_TYPE',
    )
    const globex = await connect(fake, { at: 'org:globex-uat', app: 'hawser_globex_uat' })
    expect((await data(fake, globex, `/jobs/query/${id}`)).status).toBe(404)
    expect((await call(`/jobs/ingest/${id}`)).status).toBe(404)
  })

  it('is listed, aborted, deleted', async () => {
    const id = await create('SELECT Id FROM Account')
    expect((await call(`/jobs/query/${id}`, { method: 'DELETE' })).status).toBe(400)
    expect((await call(`/jobs/query/${id}`, { method: 'PATCH', json: { state: 'Open' } })).status).toBe(400)
    expect((await call(`/jobs/query/${id}`, { method: 'PATCH', json: { state: 'Aborted' } })).json.state).toBe('Aborted')
    expect((await call('/jobs/query')).json.records).toHaveLength(1)
    expect((await call(`/jobs/query/${id}`, { method: 'DELETE' })).status).toBe(204)
    expect((await call(`/jobs/query/${id}`)).status).toBe(404)
  })
})

describe('bulk ingest', () => {
  async function run(job: Record<string, unknown>, csv: string): Promise<{ id: string; info: Answer['json'] }> {
    const created = await call('/jobs/ingest', { json: { contentType: 'CSV', ...job } })
    expect([created.status, created.json.state]).toEqual([200, 'Open'])
    const { id, contentUrl } = created.json
    expect(contentUrl).toBe(`services/data/v67.0/jobs/ingest/${id}/batches`)
    const uploaded = await call(`/jobs/ingest/${id}/batches`, { method: 'PUT', body: csv, headers: { 'content-type': 'text/csv' } })
    expect([uploaded.status, uploaded.text]).toEqual([201, ''])
    const closed = await call(`/jobs/ingest/${id}`, { method: 'PATCH', json: { state: 'UploadComplete' } })
    expect(closed.status).toBe(200)
    return { id, info: (await call(`/jobs/ingest/${id}`)).json }
  }

  it('inserts, with a result for each row', async () => {
    const { id, info } = await run({ object: 'Account', operation: 'insert' }, 'Name,Industry\nGood,Retail\n,Retail\n"Also, good",\n')
    expect(info).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 3, numberRecordsFailed: 1 })
    const good = parseCsv((await call(`/jobs/ingest/${id}/successfulResults`)).text) ?? []
    expect(good[0]).toEqual(['sf__Id', 'sf__Created', 'Name', 'Industry'])
    expect(good.slice(1).map((row) => row.slice(1))).toEqual([
      ['true', 'Good', 'Retail'],
      ['true', 'Also, good', ''],
    ])
    const bad = parseCsv((await call(`/jobs/ingest/${id}/failedResults`)).text) ?? []
    expect(bad[1]?.[1]).toMatch(/^REQUIRED_FIELD_MISSING:/)
    expect((await call(`/jobs/ingest/${id}/unprocessedrecords`)).text).toBe('"Name","Industry"\n')
  })

  it('updates, clears with #N/A, upserts, deletes', async () => {
    const id = (await call('/sobjects/Account', { json: { Name: 'Old', Industry: 'Retail', Ext__c: 'e1' } })).json.id
    await run({ object: 'Account', operation: 'update' }, `Id,Name,Industry\n${id},New,#N/A\n`)
    expect((await call(`/sobjects/Account/${id}`)).json).toMatchObject({ Name: 'New', Industry: null })
    const upserted = await run(
      { object: 'Account', operation: 'upsert', externalIdFieldName: 'Ext__c' },
      'Ext__c,Name\ne1,Newer\ne2,Other\n',
    )
    const outcome = parseCsv((await call(`/jobs/ingest/${upserted.id}/successfulResults`)).text) ?? []
    expect(outcome.slice(1).map((row) => row[1])).toEqual(['false', 'true'])
    await run({ object: 'Account', operation: 'delete' }, `Id\n${id}\n`)
    expect((await call(`/sobjects/Account/${id}`)).status).toBe(404)
  })

  it('fails on broken CSV, and refuses bad jobs', async () => {
    expect((await run({ object: 'Account', operation: 'insert' }, 'Name\n"open')).info.state).toBe('Failed')
    const refused = async (job: Record<string, unknown>) => (await call('/jobs/ingest', { json: job })).status
    expect(await refused({ object: 'Nope', operation: 'insert' })).toBe(400)
    expect(await refused({ object: 'Account', operation: 'explode' })).toBe(400)
    expect(await refused({ object: 'Account', operation: 'upsert' })).toBe(400)
    const { id } = await run({ object: 'Account', operation: 'insert' }, 'Name\nx\n')
    expect((await call(`/jobs/ingest/${id}/batches`, { method: 'PUT', body: 'x' })).status).toBe(400)
    expect((await call(`/jobs/ingest/${id}`, { method: 'PATCH', json: { state: 'UploadComplete' } })).status).toBe(400)
    expect((await call(`/jobs/ingest/${id}`, { method: 'DELETE' })).status).toBe(204)
  })
})
