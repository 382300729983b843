import type { z } from 'zod'
import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/activity.ts'
import type { diagnosis } from '@hawser/api/values.ts'
import { handler, type Handler } from '#http/handler.ts'
import { shownOperation, type ListActivityDeps } from './list-activity.ts'
import type { Detail } from './row-of.ts'
import { findRow, type ListedRow } from './store.ts'
import { timeOfId } from './times-of-ids.ts'

export function getActivity({ db, flush }: ListActivityDeps): Handler {
  return handler(routes.getActivity, async ({ params, principal }) => {
    await flush()
    const row = await findRow(db, principal.environmentId, params.operationId)
    if (!row) throw fail('not_found')
    const { detail } = row
    return {
      data: {
        ...shownOperation(row),
        request_headers: detail?.request_headers ?? {},
        response_headers: detail?.response_headers ?? {},
        response_body: detail?.response_body ?? null,
        error_message: detail?.error_message ?? null,
        diagnosis: (detail?.diagnosis as z.output<typeof diagnosis> | undefined) ?? null,
        messages: messagesOf(row, detail),
      },
    }
  })
}

/** The steps in between, with the beginning and the end, which the columns tell. */
function messagesOf(row: ListedRow, detail: Detail | null) {
  const endedAt = timeOfId(row.id)
  const startedAt = endedAt - (row.duration_ms ?? 0)
  const ending = endOf(row)
  const shown = (at: number, level: 'info' | 'warn' | 'error', text: string) => ({ at: new Date(at).toISOString(), level, text })
  return [
    ...(row.path === null
      ? []
      : [shown(startedAt, 'info', `${row.method ?? 'Request'} ${row.host === null ? '' : `https://${row.host}`}${row.path}`)]),
    ...(detail?.steps ?? []).map(({ at, level, text }) => shown(at, level, text)),
    ...(ending === undefined ? [] : [shown(endedAt, row.failed ? 'error' : 'info', ending)]),
  ]
}

function endOf(row: ListedRow): string | undefined {
  const took = row.duration_ms === null ? '' : ` after ${row.duration_ms} ms`
  if (row.error_code !== null) return `Failed${took}: ${row.error_code}${row.error_title === null ? '' : ` (${row.error_title})`}`
  if (row.status !== null) return `Answered ${row.status}${took}`
  if (row.kind === 'call') return `No whole answer${took}: the caller hung up, or the answer broke off`
  return row.failed ? `Failed${took}` : `Done${took}`
}
