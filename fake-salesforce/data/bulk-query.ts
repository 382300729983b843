import { restErrors } from '../error-table.ts'
import { json, type Reply } from '../reply.ts'
import type { BulkJob } from '../state.ts'
import { csv, deleteJob, jobInfo, jobOf, listJobs, pollJob, storeJob } from './bulk-job.ts'
import { assertMethod, jsonObject, type Call } from './call.ts'
import { writeCsv } from './csv.ts'
import { answerSoql } from './query.ts'
import { refuseRest } from './rest-refusal.ts'

/** `/jobs/query`, `/jobs/query/{id}`, `/jobs/query/{id}/results`; `segments` starts after `query`. */
export function bulkQuery(call: Call, segments: string[]): Reply {
  const [id, part, ...rest] = segments
  if (id === undefined) {
    assertMethod(call, 'GET', 'POST')
    return call.method === 'POST' ? create(call) : listJobs(call, 'query')
  }
  const job = jobOf(call, 'query', id)
  if (part === 'results' && rest.length === 0) return results(call, job)
  if (part !== undefined) throw refuseRest(restErrors.notFound)
  assertMethod(call, 'GET', 'PATCH', 'DELETE')
  if (call.method === 'DELETE') return deleteJob(call, job)
  if (call.method === 'GET') return pollJob(call, job)
  if (jsonObject(call.body)['state'] !== 'Aborted') throw refuseRest(restErrors.bulkBadState)
  job.state = 'Aborted'
  return json(200, jobInfo(call, job))
}

function create(call: Call): Reply {
  const { operation, query } = jsonObject(call.body)
  if (operation !== 'query' && operation !== 'queryAll') throw refuseRest(restErrors.bulkBadOperation)
  if (typeof query !== 'string') throw refuseRest(restErrors.bulkNoQuery)
  const answer = answerSoql(call, query, operation === 'queryAll')
  const lines = answer.records.map((record) => answer.columns.map((column) => cell(record, column)))
  const job = storeJob(call, { kind: 'query', operation, object: answer.type.name, state: 'UploadComplete', header: answer.columns, lines })
  return json(200, jobInfo(call, job))
}

function cell(record: Record<string, unknown>, column: string): string {
  let value: unknown = record
  for (const step of column.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[step]
  return value === null || value === undefined ? '' : String(value)
}

/** The row that a locator stands for; NaN for a text that never was one. */
function rowOf(locator: string): number {
  const text = Buffer.from(locator, 'base64url').toString('utf8')
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
}

/** One page as CSV. The locator of the last page is the literal text `null`. */
function results(call: Call, job: BulkJob): Reply {
  assertMethod(call, 'GET')
  if (job.state !== 'JobComplete') throw refuseRest(restErrors.bulkNotComplete)
  const locator = call.query.get('locator')
  const from = locator === null || locator === 'null' ? 0 : rowOf(locator)
  const asked = call.query.get('maxRecords')
  const size = asked === null ? 50_000 : Number(asked)
  if (!Number.isSafeInteger(from) || from < 0 || from > job.lines.length) throw refuseRest(restErrors.bulkBadLocator)
  if (!Number.isSafeInteger(size) || size < 1) throw refuseRest(restErrors.bulkBadSize)
  const page = job.lines.slice(from, from + size)
  const until = from + page.length
  const next = until < job.lines.length ? Buffer.from(String(until)).toString('base64url') : 'null'
  return csv(writeCsv([job.header, ...page]), { 'sforce-locator': next, 'sforce-numberofrecords': String(page.length) })
}
