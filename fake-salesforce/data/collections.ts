import { namedErrors, restErrors } from '../error-table.ts'
import { json, Stopped, type Reply } from '../reply.ts'
import { sameId } from '../ids.ts'
import { assertMethod, jsonObject, type Call } from './call.ts'
import { fieldNamed, objectTypeNamed, objectTypesOf, type ObjectType } from './object-types.ts'
import { changeRecord, createRecord, existingRow, recordBody, typeOfPath } from './records.ts'
import { refuseRest } from './rest-refusal.ts'
import { rowsOf } from './rows.ts'

const LIMIT = 200

interface Outcome {
  id?: string
  success: boolean
  created?: boolean
  errors: { statusCode: string; message: string; fields: string[] }[]
}

/**
 * `/composite/sobjects`: up to 200 records in one call, each with its own outcome; `segments` starts after `sobjects`.
 * `allOrNone` is answered as Salesforce does, by failing the rest, but what was done before is not undone.
 */
export function collections(call: Call, segments: string[]): Reply {
  assertMethod(call, 'GET', 'POST', 'PATCH', 'DELETE')
  const [typeName, field] = segments
  if (call.method === 'GET') return retrieve(call, typeOfPath(call, typeName ?? ''))
  if (call.method === 'DELETE') return removal(call)
  const { records, allOrNone } = jsonObject(call.body)
  if (!Array.isArray(records)) throw refuseRest(restErrors.badJson)
  if (records.length > LIMIT) throw refuseRest(restErrors.tooManyRecords)
  const steps = records.map(
    (record) => () => oneRecord(call, record, typeName === undefined ? undefined : typeOfPath(call, typeName), field),
  )
  return json(200, outcomes(steps, allOrNone === true))
}

function outcomes(steps: (() => Outcome)[], allOrNone: boolean): Outcome[] {
  const done = steps.map((step): Outcome => {
    try {
      return step()
    } catch (stopped) {
      if (!(stopped instanceof Stopped)) throw stopped
      const errors = JSON.parse(String(stopped.reply.body)) as { errorCode: string; message: string; fields?: string[] }[]
      return {
        success: false,
        errors: errors.map((one) => ({ statusCode: one.errorCode, message: one.message, fields: one.fields ?? [] })),
      }
    }
  })
  if (!allOrNone || done.every((one) => one.success)) return done
  const { errorCode: statusCode, message } = restErrors.rolledBack
  const rolledBack = { statusCode, message, fields: [] }
  return done.map((one) => (one.success ? { success: false, errors: [rolledBack] } : one))
}

function typeOfRecord(call: Call, record: Record<string, unknown>): ObjectType {
  const attributes = record['attributes'] as { type?: unknown } | null | undefined
  const type = typeof attributes?.type === 'string' ? objectTypeNamed(call.state, call.org, attributes.type) : undefined
  if (type === undefined) throw refuseRest(restErrors.unknownRecordType)
  return type
}

function oneRecord(call: Call, given: unknown, type: ObjectType | undefined, field: string | undefined): Outcome {
  if (typeof given !== 'object' || given === null) throw refuseRest(restErrors.badJson)
  const record = given as Record<string, unknown>
  const own = type ?? typeOfRecord(call, record)
  if (call.method === 'POST') return { id: createRecord(call, own, record), success: true, errors: [] }
  if (field === undefined) {
    const row = existingRow(call, own, String(record['Id'] ?? record['id'] ?? ''))
    changeRecord(call, own, row, without(record, 'id'))
    return { id: row.Id, success: true, errors: [] }
  }
  const name = fieldNamed(own, field)
  if (name === undefined) throw refuseRest(namedErrors.noSuchColumn(field, own.name))
  const row = rowsOf(call.state, call.org, own).find((one) => one['IsDeleted'] !== true && String(one[name]) === String(record[name]))
  if (row === undefined) return { id: createRecord(call, own, record), success: true, created: true, errors: [] }
  changeRecord(call, own, row, record)
  return { id: row.Id, success: true, created: false, errors: [] }
}

function without(record: Record<string, unknown>, name: string): Record<string, unknown> {
  const { [name]: _dropped, ...rest } = record
  return rest
}

function idsOf(call: Call): string[] {
  const ids = (call.query.get('ids') ?? '').split(',').filter((id) => id !== '')
  if (ids.length === 0 || ids.length > LIMIT) throw refuseRest(restErrors.badIds)
  return ids
}

function removal(call: Call): Reply {
  const types = objectTypesOf(call.state, call.org)
  const steps = idsOf(call).map((id) => (): Outcome => {
    const type = types.find((one) => rowsOf(call.state, call.org, one).some((row) => sameId(row.Id, id)))
    if (type === undefined) throw refuseRest(restErrors.noSuchRecord)
    const row = existingRow(call, type, id)
    row['IsDeleted'] = true
    return { id: row.Id, success: true, errors: [] }
  })
  return json(200, outcomes(steps, call.query.get('allOrNone') === 'true'))
}

function retrieve(call: Call, type: ObjectType): Reply {
  const fields = (call.query.get('fields') ?? 'Id').split(',').flatMap((name) => fieldNamed(type, name.trim()) ?? [])
  const rows = rowsOf(call.state, call.org, type).filter((row) => row['IsDeleted'] !== true)
  return json(
    200,
    idsOf(call).map((id) => {
      const row = rows.find((one) => sameId(one.Id, id))
      return row === undefined ? null : recordBody(call, type, row, fields)
    }),
  )
}
