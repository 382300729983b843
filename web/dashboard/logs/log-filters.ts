/** What the address of the logs asks for. */
import type { Input } from '../api/call.ts'
import { operationKinds, type OperationKind } from './operation-words.ts'

const MINUTE_MS = 60_000
export const timeRanges = {
  '15m': ['Last 15 minutes', 15 * MINUTE_MS],
  '1h': ['Last hour', 60 * MINUTE_MS],
  '24h': ['Last 24 hours', 1440 * MINUTE_MS],
  '7d': ['Last 7 days', 10_080 * MINUTE_MS],
} as const satisfies Record<string, readonly [words: string, lengthMs: number]>
export type TimeRange = keyof typeof timeRanges

/** Either `range`, or `from` and `to`; what is absent filters nothing. */
export interface TimeFilter {
  range?: TimeRange
  /** ISO. */
  from?: string
  /** ISO, exclusive. */
  to?: string
}

export interface LogFilters extends TimeFilter {
  search?: string
  kind?: OperationKind[]
  outcome?: 'success' | 'failure'
  integration?: string
  connection?: string
  endUser?: string
}

/** The router reads `12` as a number. */
export function textOf(value: unknown, longest = 255): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  return String(value).trim().slice(0, longest) || undefined
}

function momentOf(value: unknown): string | undefined {
  const text = textOf(value, 40)
  const at = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}

export function compact<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== '')) as never
}

export function timeFilterOf(search: Record<string, unknown>): TimeFilter {
  const range = textOf(search['range'])
  if (range !== undefined && Object.hasOwn(timeRanges, range)) return { range: range as TimeRange }
  return compact({ from: momentOf(search['from']), to: momentOf(search['to']) })
}

/** Whatever stands in the address, only what can be asked for comes out. */
export function logFiltersOf(search: Record<string, unknown>): LogFilters {
  const named = (textOf(search['kind']) ?? '').split(',')
  const kinds = operationKinds.filter((kind) => named.includes(kind))
  return compact({
    search: textOf(search['search'], 200),
    kind: kinds.length === 0 || kinds.length === operationKinds.length ? undefined : kinds,
    outcome: (['success', 'failure'] as const).find((outcome) => outcome === search['outcome']),
    integration: textOf(search['integration']),
    connection: textOf(search['connection']),
    endUser: textOf(search['endUser']),
    ...timeFilterOf(search),
  })
}

/** As it stands in the address. */
export function searchOf({ kind, ...rest }: LogFilters): Record<string, string> {
  return compact({ ...rest, kind: kind?.join(',') }) as Record<string, string>
}

export function timeQueryOf({ range, from, to }: TimeFilter, now: number): { from?: string; to?: string } {
  return range === undefined ? compact({ from, to }) : { from: new Date(now - timeRanges[range][1]).toISOString() }
}

type ActivityQuery = NonNullable<Input<'listActivity'>['query']>

/** Without the time. */
export function activityQueryOf({ search, kind, outcome, integration, connection, endUser }: LogFilters): ActivityQuery {
  return compact({ search, kind: kind?.join(','), outcome, integration, connection, end_user: endUser }) as ActivityQuery
}
