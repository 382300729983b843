import { restErrors } from '../error-table.ts'
import { json, type Reply } from '../reply.ts'
import type { Cursor } from '../state.ts'
import { assertMethod, type Call } from './call.ts'
import type { FieldType } from './object-types.ts'
import { refuseRest } from './rest-refusal.ts'
import { parseSoql } from './soql/parse.ts'
import { runSoql, type Answer } from './soql/run.ts'
import { SoqlError } from './soql/soql-error.ts'

const CURSOR_LIVES_MS = 2 * 24 * 3_600_000

/** The answer to a query in an org. Stops with MALFORMED_QUERY, INVALID_FIELD or INVALID_TYPE. */
export function answerSoql(call: Call, soql: string, includeDeleted: boolean, tooling = false): Answer {
  try {
    const source = { state: call.state, org: call.org, base: call.base, includeDeleted, viewer: call.user, tooling }
    return runSoql(source, parseSoql(soql))
  } catch (refused) {
    if (refused instanceof SoqlError) throw refuseRest(refused.entry)
    throw refused
  }
}

/** `GET /query`, `/queryAll`, `/tooling/query`, and `/query/{cursor}-{row}` for the next page; `segments` starts after the resource. */
export function query(call: Call, resource: string, segments: string[]): Reply {
  assertMethod(call, 'GET', 'HEAD')
  if (segments[0] !== undefined && segments[0] !== '') return nextPage(call, resource, segments[0])
  const soql = call.query.get('q')
  if (soql === null) throw refuseRest(restErrors.missingQuery)
  const answer = answerSoql(call, soql, resource.endsWith('queryAll'), resource.startsWith('tooling'))
  if (call.query.get('columns') === 'true') return json(200, columnMetadata(answer))
  const size = pageSize(call)
  if (answer.records.length <= size) return json(200, { totalSize: answer.totalSize, done: true, records: answer.records })
  const cursor: Cursor = {
    id: call.state.ids.next('01g'),
    orgKey: call.org.key,
    records: answer.records,
    pageSize: size,
    createdAt: call.state.clock.now(),
  }
  call.state.cursors.set(cursor.id, cursor)
  return pageOf(call, resource, cursor, 0)
}

/** `Sforce-Query-Options: batchSize=500`; Salesforce keeps it within 200 and 2000. The knob only makes pages smaller. */
function pageSize(call: Call): number {
  const header = call.headers['sforce-query-options']
  const asked = /batchSize\s*=\s*(\d{1,6})/i.exec(typeof header === 'string' ? header : '')?.[1]
  const size = asked === undefined ? 2000 : Math.min(2000, Math.max(200, Number(asked)))
  return Math.max(1, Math.min(size, call.state.knobs.pageSize))
}

function nextPage(call: Call, resource: string, locator: string): Reply {
  const match = /^([0-9A-Za-z]{18})-(\d{1,9})$/.exec(locator)
  const cursor = call.state.cursors.get(match?.[1] ?? '')
  const expired = cursor !== undefined && call.state.clock.now() - cursor.createdAt > CURSOR_LIVES_MS
  if (match === null || cursor === undefined || cursor.orgKey !== call.org.key || expired) throw refuseRest(restErrors.badLocator)
  return pageOf(call, resource, cursor, Number(match[2]))
}

function pageOf(call: Call, resource: string, cursor: Cursor, from: number): Reply {
  const until = from + cursor.pageSize
  const done = until >= cursor.records.length
  return json(200, {
    totalSize: cursor.records.length,
    done,
    ...(done ? {} : { nextRecordsUrl: `${call.base}/${resource}/${cursor.id}-${until}` }),
    records: cursor.records.slice(from, until),
  })
}

const APEX_TYPES: Partial<Record<FieldType, string>> = {
  id: 'Id',
  boolean: 'Boolean',
  double: 'Double',
  int: 'Integer',
  datetime: 'Datetime',
  date: 'Date',
}

/** What `query?columns=true` answers; `sf data query` asks for it before each query. */
function columnMetadata({ type, columns }: Answer): Record<string, unknown> {
  const columnMetadata = columns.map((column) => {
    const fieldType = type.fields[column] ?? 'string'
    return {
      aggregate: false,
      apexType: APEX_TYPES[fieldType] ?? 'String',
      booleanType: fieldType === 'boolean',
      columnName: column,
      custom: column.endsWith('__c'),
      displayName: column,
      foreignKeyName: null,
      insertable: fieldType !== 'id',
      joinColumns: [],
      numberType: fieldType === 'double' || fieldType === 'int',
      textType: fieldType === 'string' || fieldType === 'textarea',
      updatable: fieldType !== 'id',
    }
  })
  return { columnMetadata, entityName: type.name, groupBy: false, idSelected: columns.includes('Id'), keyPrefix: type.keyPrefix }
}
