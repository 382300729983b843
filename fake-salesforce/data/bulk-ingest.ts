import { restErrors } from '../error-table.ts'
import { empty, json, Stopped, type Reply } from '../reply.ts'
import type { BulkJob } from '../state.ts'
import { csv, deleteJob, jobInfo, jobOf, listJobs, pollJob, storeJob } from './bulk-job.ts'
import { assertMethod, jsonObject, type Call } from './call.ts'
import { parseCsv, writeCsv } from './csv.ts'
import { fieldNamed, objectTypeNamed, type ObjectType } from './object-types.ts'
import { changeRecord, createRecord, existingRow } from './records.ts'
import { refuseRest } from './rest-refusal.ts'
import { rowsOf } from './rows.ts'

const OPERATIONS = ['insert', 'update', 'upsert', 'delete', 'hardDelete']

/** `/jobs/ingest` and what lies below it; `segments` starts after `ingest`. */
export function bulkIngest(call: Call, segments: string[]): Reply {
  const [id, part, ...rest] = segments
  if (id === undefined) {
    assertMethod(call, 'GET', 'POST')
    return call.method === 'POST' ? create(call) : listJobs(call, 'ingest')
  }
  const job = jobOf(call, 'ingest', id)
  if (rest.length > 0) throw refuseRest(restErrors.notFound)
  if (part === undefined) return jobItself(call, job)
  if (part === 'batches') return upload(call, job)
  assertMethod(call, 'GET')
  if (part === 'successfulResults') return csv(writeCsv([['sf__Id', 'sf__Created', ...job.uploadHeader], ...job.successful]))
  if (part === 'failedResults') return csv(writeCsv([['sf__Id', 'sf__Error', ...job.uploadHeader], ...job.failed]))
  if (part === 'unprocessedrecords') return csv(writeCsv([job.uploadHeader]))
  throw refuseRest(restErrors.notFound)
}

function create(call: Call): Reply {
  const { object, operation, externalIdFieldName } = jsonObject(call.body)
  const type = typeof object === 'string' ? objectTypeNamed(call.state, call.org, object) : undefined
  if (type === undefined) throw refuseRest(restErrors.bulkBadObject)
  if (typeof operation !== 'string' || !OPERATIONS.includes(operation)) throw refuseRest(restErrors.bulkBadOperation)
  const external = typeof externalIdFieldName === 'string' ? externalIdFieldName : null
  if (operation === 'upsert' && (external === null || fieldNamed(type, external) === undefined)) {
    throw refuseRest(restErrors.bulkNoExternalId)
  }
  const job = storeJob(call, { kind: 'ingest', operation, object: type.name, state: 'Open', externalIdFieldName: external })
  return json(200, jobInfo(call, job))
}

function upload(call: Call, job: BulkJob): Reply {
  assertMethod(call, 'PUT')
  if (job.state !== 'Open') throw refuseRest(restErrors.bulkAlreadyUploaded)
  job.upload = call.body.toString('utf8')
  return empty(201)
}

function jobItself(call: Call, job: BulkJob): Reply {
  assertMethod(call, 'GET', 'PATCH', 'DELETE')
  if (call.method === 'GET') return pollJob(call, job)
  if (call.method === 'DELETE') return deleteJob(call, job)
  const { state } = jsonObject(call.body)
  if (state === 'Aborted') job.state = 'Aborted'
  else if (state === 'UploadComplete' && job.state === 'Open') process(call, job)
  else throw refuseRest(restErrors.bulkBadState)
  return json(200, jobInfo(call, job))
}

function process(call: Call, job: BulkJob): void {
  const rows = parseCsv(job.upload)
  const header = rows?.[0]
  const type = objectTypeNamed(call.state, call.org, job.object)
  job.upload = ''
  if (rows === undefined || header === undefined || type === undefined) {
    job.state = 'Failed'
    return
  }
  job.uploadHeader = header
  for (const cells of rows.slice(1)) {
    try {
      const { id, created } = oneRow(call, job, type, header, cells)
      job.successful.push([id, String(created), ...cells])
    } catch (stopped) {
      if (!(stopped instanceof Stopped)) throw stopped
      job.failed.push(['', errorText(stopped), ...cells])
    }
  }
  job.state = 'UploadComplete'
}

function errorText(stopped: Stopped): string {
  const [first] = JSON.parse(String(stopped.reply.body)) as { errorCode: string; message: string }[]
  return `${first?.errorCode}:${first?.message}:--`
}

function oneRow(call: Call, job: BulkJob, type: ObjectType, header: string[], cells: string[]): { id: string; created: boolean } {
  const values: Record<string, unknown> = {}
  // An empty cell leaves the field alone; `#N/A` clears it.
  for (const [i, name] of header.entries()) if ((cells[i] ?? '') !== '') values[name] = cells[i] === '#N/A' ? null : cells[i]
  if (job.operation === 'insert') return { id: createRecord(call, type, values), created: true }
  if (job.operation === 'upsert') {
    const field = fieldNamed(type, job.externalIdFieldName ?? '') ?? 'Id'
    const row = rowsOf(call.state, call.org, type).find((one) => one['IsDeleted'] !== true && String(one[field]) === String(values[field]))
    if (row === undefined) return { id: createRecord(call, type, values), created: true }
    changeRecord(call, type, row, values)
    return { id: row.Id, created: false }
  }
  const row = existingRow(call, type, String(values['Id'] ?? ''))
  if (job.operation === 'update') changeRecord(call, type, row, values)
  else row['IsDeleted'] = true
  return { id: row.Id, created: false }
}
