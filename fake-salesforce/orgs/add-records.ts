import { objectTypeNamed, type ObjectType } from '../data/object-types.ts'
import { insertRow } from '../data/rows.ts'
import type { Row, State } from '../state.ts'
import { orgByKey } from './add-org.ts'

/** Stores rows; a type that the fake does not know becomes one of the org's. Returns the stored rows with their ids. */
export function addRecords(state: State, orgKey: string, typeName: string, records: Record<string, unknown>[]): Row[] {
  const org = orgByKey(state, orgKey)
  if (!/^[A-Za-z][A-Za-z0-9_]{0,79}$/.test(typeName)) throw new Error('an object name has letters, digits and _')
  const byType = state.rows.get(orgKey) ?? new Map<string, Row[]>()
  state.rows.set(orgKey, byType)
  const type: ObjectType = objectTypeNamed(state, org, typeName) ?? { name: typeName, keyPrefix: 'a00', fields: {}, required: [] }
  const userId = [...state.users.values()].find((user) => user.orgKey === orgKey)?.id ?? ''
  return records.map((record) => insertRow(state, org, { ...type, required: [] }, record, userId))
}
