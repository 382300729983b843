import { namedErrors, restErrors } from '../error-table.ts'
import { sameId } from '../ids.ts'
import { empty, json, type Reply } from '../reply.ts'
import type { Row } from '../state.ts'
import { storedBlob, takeVersionData } from './blob.ts'
import { assertMethod, jsonObject, type Call } from './call.ts'
import { fieldNamed, objectTypeNamed, type ObjectType } from './object-types.ts'
import { refuseRest } from './rest-refusal.ts'
import { checkedValues, insertRow, rowsOf, updateRow } from './rows.ts'

/** Stops with 404 for a type that the org lacks. */
export function typeOfPath(call: Call, name: string): ObjectType {
  const type = objectTypeNamed(call.state, call.org, name)
  if (type === undefined || type.toolingOnly === true) throw refuseRest(restErrors.notFound)
  return type
}

/** Stops with 404: NOT_FOUND, or ENTITY_IS_DELETED. */
export function existingRow(call: Call, type: ObjectType, id: string): Row {
  const row = rowsOf(call.state, call.org, type).find((one) => sameId(one.Id, id))
  if (row === undefined) throw refuseRest(restErrors.notFound)
  if (row['IsDeleted'] === true) throw refuseRest(restErrors.deletedRecord)
  return row
}

export function recordBody(call: Call, type: ObjectType, row: Row, fields?: string[]): Record<string, unknown> {
  const attributes = { type: type.name, url: `${call.base}/sobjects/${type.name}/${row.Id}` }
  const names = fields ?? [...new Set([...Object.keys(type.fields), ...Object.keys(row)])]
  const values: Record<string, unknown> = {}
  for (const name of names) values[name] = row[name] ?? null
  if (type.name === 'ContentVersion' && 'VersionData' in values) values['VersionData'] = `${attributes.url}/VersionData`
  return { attributes, ...values }
}

export function createRecord(call: Call, type: ObjectType, given: Record<string, unknown>): string {
  if (type.computed === true) throw refuseRest(restErrors.methodNotAllowed)
  const { values, blob } = takeVersionData(type, given)
  const row = insertRow(call.state, call.org, type, checkedValues(type, values), call.user.id)
  if (blob !== undefined) call.state.blobs.set(row.Id, blob)
  return row.Id
}

export function changeRecord(call: Call, type: ObjectType, row: Row, given: Record<string, unknown>): void {
  if (type.computed === true) throw refuseRest(restErrors.methodNotAllowed)
  const { values, blob } = takeVersionData(type, given)
  updateRow(call.state, row, checkedValues(type, values), call.user.id)
  if (blob !== undefined) call.state.blobs.set(row.Id, blob)
}

/** `POST /sobjects/{type}` */
export function createOne(call: Call, type: ObjectType): Reply {
  const id = createRecord(call, type, jsonObject(call.body))
  return json(201, { id, success: true, errors: [] }, { location: `${call.base}/sobjects/${type.name}/${id}` })
}

/** `GET | PATCH | DELETE /sobjects/{type}/{id}` */
export function oneRecord(call: Call, type: ObjectType, id: string): Reply {
  assertMethod(call, 'GET', 'HEAD', 'PATCH', 'DELETE')
  const row = existingRow(call, type, id)
  if (call.method === 'PATCH') {
    changeRecord(call, type, row, jsonObject(call.body))
    return empty(204)
  }
  if (call.method === 'DELETE' && type.computed === true) throw refuseRest(restErrors.methodNotAllowed)
  if (call.method === 'DELETE') {
    row['IsDeleted'] = true
    return empty(204)
  }
  const asked = call.query.get('fields')
  if (asked === null) return json(200, recordBody(call, type, row))
  const fields = asked.split(',').map((name) => {
    const field = fieldNamed(type, name.trim())
    if (field === undefined) throw refuseRest(namedErrors.noSuchColumn(name.trim(), type.name))
    return field
  })
  return json(200, recordBody(call, type, row, ['Id', ...fields.filter((field) => field !== 'Id')]))
}

/** `GET | PATCH | DELETE /sobjects/{type}/{external id field}/{value}`; two matches answer 300 with their URLs. */
export function byExternalId(call: Call, type: ObjectType, fieldName: string, value: string): Reply {
  const field = fieldNamed(type, fieldName)
  if (field === undefined) throw refuseRest(restErrors.notFound)
  const rows = rowsOf(call.state, call.org, type).filter((row) => row['IsDeleted'] !== true && String(row[field] ?? '') === value)
  if (rows.length > 1)
    return json(
      300,
      rows.map((row) => `${call.base}/sobjects/${type.name}/${row.Id}`),
    )
  const row = rows[0]
  if (call.method !== 'PATCH') {
    if (row === undefined) throw refuseRest(restErrors.notFound)
    return oneRecord(call, type, row.Id)
  }
  const given = jsonObject(call.body)
  if (row === undefined) {
    const id = createRecord(call, type, { ...given, [field]: value })
    return json(201, { id, success: true, errors: [], created: true })
  }
  changeRecord(call, type, row, given)
  return json(200, { id: row.Id, success: true, errors: [], created: false })
}

/** `GET /sobjects/ContentVersion/{id}/VersionData` */
export function versionData(call: Call, type: ObjectType, id: string): Reply {
  assertMethod(call, 'GET', 'HEAD')
  return storedBlob(call.state, existingRow(call, type, id))
}
