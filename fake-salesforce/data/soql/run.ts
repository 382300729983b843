import { namedErrors } from '../../error-table.ts'
import type { Org, Row, State, User } from '../../state.ts'
import { fieldNamed, objectTypeNamed, type ObjectType } from '../object-types.ts'
import { rowById, rowsOf } from '../rows.ts'
import type { Condition, Select, Value } from './parse.ts'
import { SoqlError } from './soql-error.ts'

export interface Answer {
  type: ObjectType
  /** Field paths in the spelling of the type; empty for counts. */
  columns: string[]
  totalSize: number
  records: Record<string, unknown>[]
}

export interface Source {
  state: State
  org: Org
  /** `/services/data/vXX.0`, for the records' own URLs. */
  base: string
  includeDeleted: boolean
  /** Who asks. */
  viewer: User
  tooling: boolean
}

type Read = (row: Row) => unknown

/** Runs a parsed query. Throws SoqlError for unknown types and fields. */
export function runSoql(source: Source, select: Select): Answer {
  const type = objectTypeNamed(source.state, source.org, select.from)
  if (type === undefined || (type.toolingOnly === true && !source.tooling)) throw new SoqlError(namedErrors.unsupportedType(select.from))
  const live = rowsOf(source.state, source.org, type, source.viewer).filter((row) => source.includeDeleted || row['IsDeleted'] !== true)
  const matches = select.where === null ? live : live.filter(predicate(source, type, select.where))
  const sorted = inOrder(source, type, select, matches)
  const rows = sorted.slice(select.offset, select.limit === null ? undefined : select.offset + select.limit)
  if (select.count === 'rows') return { type, columns: [], totalSize: matches.length, records: [] }
  if (select.count !== null) {
    const read = reader(source, type, select.count.field).read
    const counted = matches.filter((row) => (read(row) ?? null) !== null).length
    return { type, columns: [], totalSize: 1, records: [{ attributes: { type: 'AggregateResult' }, [select.count.alias]: counted }] }
  }
  const readers = expanded(type, select.fields).map((path) => reader(source, type, path))
  const records = rows.map((row) => {
    const record: Record<string, unknown> = { attributes: { type: type.name, url: `${source.base}/sobjects/${type.name}/${row.Id}` } }
    for (const { path, read } of readers) place(record, path, read(row) ?? null)
    return record
  })
  return { type, columns: readers.map((one) => one.path.join('.')), totalSize: rows.length, records }
}

function expanded(type: ObjectType, fields: string[]): string[] {
  const names = Object.keys(type.fields)
  const all: Record<string, string[]> = {
    'FIELDS(ALL)': names,
    'FIELDS(STANDARD)': names.filter((name) => !name.endsWith('__c')),
    'FIELDS(CUSTOM)': names.filter((name) => name.endsWith('__c')),
  }
  return [...new Set(fields.flatMap((field) => (Object.hasOwn(all, field) ? (all[field] ?? []) : [field])))]
}

/** Puts a value at `Owner.Name` as nested objects, the way Salesforce answers relationships. */
function place(record: Record<string, unknown>, path: string[], value: unknown): void {
  const last = path.at(-1)
  if (last === undefined) return
  let inner = record
  for (const step of path.slice(0, -1)) {
    const next = inner[step] ?? { attributes: { type: step } }
    inner[step] = next
    inner = next as Record<string, unknown>
  }
  inner[last] = value
}

/** Reads `Name` or `Account.Name`; a relationship follows the id field `AccountId`. */
function reader(source: Source, type: ObjectType, dotted: string): { path: string[]; read: Read } {
  const steps = dotted.split('.')
  // `Account.Name` in a query on Account means its own field.
  if (steps.length > 1 && steps[0]?.toLowerCase() === type.name.toLowerCase()) steps.shift()
  const [first = '', second, ...rest] = steps
  if (second === undefined) {
    const field = fieldNamed(type, first)
    if (field === undefined) throw noSuchColumn(type, first)
    return { path: [field], read: (row) => row[field] }
  }
  const reference = fieldNamed(type, first.endsWith('__r') ? first.replace(/__r$/, '__c') : `${first}Id`)
  if (reference === undefined || rest.length > 0) throw noSuchColumn(type, dotted)
  const read: Read = (row) => {
    const id = row[reference]
    return typeof id === 'string' ? rowById(source.state, source.org, id)?.[second] : undefined
  }
  return { path: [first, second], read }
}

function noSuchColumn(type: ObjectType, name: string): SoqlError {
  return new SoqlError(namedErrors.noSuchColumn(name, type.name))
}

function predicate(source: Source, type: ObjectType, condition: Condition): (row: Row) => boolean {
  if (condition.kind === 'not') {
    const inner = predicate(source, type, condition.part)
    return (row) => !inner(row)
  }
  if (condition.kind !== 'compare') {
    const parts = condition.parts.map((part) => predicate(source, type, part))
    return condition.kind === 'and' ? (row) => parts.every((part) => part(row)) : (row) => parts.some((part) => part(row))
  }
  const { read, path } = reader(source, type, condition.field)
  const isId = path.at(-1) === 'Id' || path.at(-1)?.endsWith('Id') === true
  const { operator, values } = condition
  const same = (left: Value, right: Value): boolean => comparable(left, isId) === comparable(right, isId)
  return (row) => {
    const left = (read(row) ?? null) as Value
    const right = values[0] ?? null
    if (operator === '=') return same(left, right)
    if (operator === '!=') return !same(left, right)
    if (operator === 'in') return values.some((one) => same(left, one))
    if (operator === 'not in') return !values.some((one) => same(left, one))
    if (left === null || right === null) return false
    if (operator === 'like') return likePattern(String(right)).test(String(left))
    const order = compare(left, right)
    return operator === '<' ? order < 0 : operator === '<=' ? order <= 0 : operator === '>' ? order > 0 : order >= 0
  }
}

/** SOQL compares text without regard to case, and ids on their 15 characters. */
function comparable(value: Value, isId: boolean): Value {
  if (typeof value !== 'string') return value
  return isId ? value.slice(0, 15) : value.toLowerCase()
}

function likePattern(pattern: string): RegExp {
  const escaped = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/%+/g, '.*')
    .replace(/_/g, '.')
  return new RegExp(`^${escaped}$`, 'is')
}

function compare(left: Value, right: Value): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  return String(left).toLowerCase().localeCompare(String(right).toLowerCase(), 'en')
}

function inOrder(source: Source, type: ObjectType, select: Select, rows: Row[]): Row[] {
  const keys = select.orderBy.map((one) => ({ ...one, read: reader(source, type, one.field).read }))
  if (keys.length === 0) return rows
  return rows.toSorted((a, b) => {
    for (const { read, descending, nullsLast } of keys) {
      const left = (read(a) ?? null) as Value
      const right = (read(b) ?? null) as Value
      if (left === null && right === null) continue
      if (left === null || right === null) return (left === null) === nullsLast ? 1 : -1
      const order = compare(left, right)
      if (order !== 0) return descending ? -order : order
    }
    return 0
  })
}
