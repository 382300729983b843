import type { Kysely } from 'kysely'
import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/audit.ts'
import { handler, type Handler } from '#http/handler.ts'
import type { AuditRow } from './chain.ts'
import { listRows, type Place } from './list-store.ts'
import type { Person } from './persons.ts'
import { personsOf } from './verify-store.ts'

const PAGE = 50

export function listAudit(deps: { db: Kysely<unknown> }): Handler {
  return handler(routes.listAudit, async ({ query, principal }) => {
    const limit = query.limit ?? PAGE
    const found = await listRows(deps.db, {
      environmentId: principal.environmentId,
      ofPeople: principal.kind === 'member' && principal.role === 'owner',
      from: query.from === undefined ? undefined : new Date(query.from),
      to: query.to === undefined ? undefined : new Date(query.to),
      action: query.action,
      actorId: query.actor,
      connection: query.connection,
      integrationKey: query.integration,
      after: query.cursor === undefined ? undefined : placeOf(query.cursor),
      limit: limit + 1,
    })
    const page = found.slice(0, limit)
    const persons = await personsOf(deps.db, [...new Set(page.map(digestIn).filter((digest) => digest !== undefined))])
    return {
      events: page.map((row) => shownEvent(row, persons.get(digestIn(row) ?? ''))),
      next: found.length > limit ? cursorOf(page.at(-1)!) : null,
    }
  })
}

export function digestIn({ subject }: AuditRow): string | undefined {
  const digest = subject['person']
  return typeof digest === 'string' ? digest : undefined
}

/** `person` undefined: erased, or there was none. */
export function shownEvent(row: AuditRow, person: Person | undefined) {
  const { kind, id, address, request_id: requestId } = row.actor
  const { person: digest, ...subject } = row.subject
  return {
    id: `${row.chain}:${row.seq}`,
    at: row.at.toISOString(),
    action: row.action,
    actor: { kind: String(kind), ...(typeof id === 'string' ? { id } : {}) },
    address: typeof address === 'string' ? address : (person?.address ?? null),
    request_id: typeof requestId === 'string' ? requestId : null,
    subject,
    end_user: typeof digest === 'string' ? { id: person?.endUserId ?? null, pseudonym: digest.slice(0, 16) } : null,
    count: row.count,
  }
}

function cursorOf({ at, chain, seq }: Place): string {
  return Buffer.from(`${at.getTime()}.${chain}.${seq}`).toString('base64url')
}

function placeOf(cursor: string): Place {
  const [, at, chain, seq] = /^(\d{1,15})\.([0-9a-f-]{36})\.(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? []
  if (chain === undefined || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(chain))
    throw fail('invalid_query_params', { message: 'cursor: give the `next` of the page before.' })
  return { at: new Date(Number(at)), chain, seq: Number(seq) }
}
