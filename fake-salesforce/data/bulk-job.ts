import { restErrors } from '../error-table.ts'
import { empty, json, type Reply } from '../reply.ts'
import type { BulkJob } from '../state.ts'
import type { Call } from './call.ts'
import { refuseRest } from './rest-refusal.ts'
import { salesforceTime } from './times.ts'

/** A new job of Bulk API 2.0, stored under its `750…` id. */
export function storeJob(call: Call, parts: Pick<BulkJob, 'kind' | 'operation' | 'object' | 'state'> & Partial<BulkJob>): BulkJob {
  const job: BulkJob = {
    id: call.state.ids.next('750'),
    orgKey: call.org.key,
    polls: 0,
    createdAt: call.state.clock.now(),
    username: call.user.username,
    externalIdFieldName: null,
    header: [],
    lines: [],
    upload: '',
    successful: [],
    failed: [],
    uploadHeader: [],
    ...parts,
  }
  call.state.jobs.set(job.id, job)
  return job
}

/** Stops with 404 for a job of another kind or org. */
export function jobOf(call: Call, kind: BulkJob['kind'], id: string): BulkJob {
  const job = call.state.jobs.get(id)
  if (job === undefined || job.orgKey !== call.org.key || job.kind !== kind) throw refuseRest(restErrors.notFound)
  return job
}

export function jobInfo(call: Call, job: BulkJob): Record<string, unknown> {
  const time = salesforceTime(job.createdAt)
  const version = Number(call.base.replace(/^.*v/, ''))
  return {
    id: job.id,
    operation: job.operation,
    object: job.object,
    createdById: call.state.users.get(job.username)?.id ?? null,
    createdDate: time,
    systemModstamp: time,
    state: job.state,
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: version,
    lineEnding: 'LF',
    columnDelimiter: 'COMMA',
    ...(job.kind === 'ingest'
      ? {
          jobType: 'V2Ingest',
          externalIdFieldName: job.externalIdFieldName,
          contentUrl: `${call.base.slice(1)}/jobs/ingest/${job.id}/batches`,
          numberRecordsProcessed: job.successful.length + job.failed.length,
          numberRecordsFailed: job.failed.length,
        }
      : { jobType: 'V2Query', numberRecordsProcessed: job.state === 'JobComplete' ? job.lines.length : 0 }),
  }
}

/** `GET …/{id}`: a job that runs takes as many polls as the knob says. */
export function pollJob(call: Call, job: BulkJob): Reply {
  if (job.state === 'UploadComplete' || job.state === 'InProgress') {
    job.polls += 1
    job.state = job.polls >= call.state.knobs.bulkPolls ? 'JobComplete' : 'InProgress'
  }
  return json(200, jobInfo(call, job))
}

export function listJobs(call: Call, kind: BulkJob['kind']): Reply {
  const records = [...call.state.jobs.values()].filter((job) => job.kind === kind && job.orgKey === call.org.key)
  return json(200, { done: true, nextRecordsUrl: null, records: records.map((job) => jobInfo(call, job)) })
}

export function deleteJob(call: Call, job: BulkJob): Reply {
  if (job.state === 'UploadComplete' || job.state === 'InProgress') {
    throw refuseRest(restErrors.bulkRunning)
  }
  call.state.jobs.delete(job.id)
  return empty(204)
}

export function csv(body: string, headers: Record<string, string> = {}): Reply {
  return { status: 200, headers: { 'content-type': 'text/csv', ...headers }, body }
}
