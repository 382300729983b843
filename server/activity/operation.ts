/** What other slices tell this one: things that happened, as they were. What may be kept of them is decided here (`row-of.ts`). */
import type { IncomingHttpHeaders } from 'node:http'
import type { operationKinds } from '@hawser/api/activity.ts'

export type OperationKind = (typeof operationKinds)[number]
export type ActorKind = 'key' | 'person' | 'session' | 'token' | 'system'

export interface Step {
  /** ms since 1970 */
  at: number
  level: 'info' | 'warn' | 'error'
  text: string
}

export interface Operation {
  /** Of `newId`, where something else names the operation too. */
  id?: string | undefined
  environmentId: string
  /** When it was over; ms since 1970. */
  at: number
  kind: OperationKind
  action: string
  failed: boolean
  status?: number | undefined
  durationMs?: number | undefined
  integrationKey?: string | undefined
  connection?: { uuid: string; connectionId?: string | undefined } | undefined
  endUserId?: string | undefined
  actor: { kind: ActorKind; id?: string | undefined }
  method?: string | undefined
  host?: string | undefined
  /** With its query. */
  path?: string | undefined
  error?: { code: string; title?: string | undefined; message?: string | undefined } | undefined
  diagnosis?: unknown
  /** Kept of failures, as far as they are on the list of harmless ones. */
  requestHeaders?: IncomingHttpHeaders | undefined
  responseHeaders?: IncomingHttpHeaders | undefined
  /** The beginning of a failing answer, as it came. */
  responseBody?: Buffer | undefined
  steps?: readonly Step[] | undefined
}
