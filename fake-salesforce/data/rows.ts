import { namedErrors } from '../error-table.ts'
import { sameId } from '../ids.ts'
import type { Org, Row, State, User } from '../state.ts'
import { fieldNamed, keyPrefixOf, type ObjectType } from './object-types.ts'
import { refuseRest } from './rest-refusal.ts'
import { setupRows } from './setup-rows.ts'
import { salesforceTime } from './times.ts'

/**
 * The rows of a type, deleted ones included. `Organization`, `User` and Setup's objects are read from the org itself, the latter as `viewer`
 * sees them.
 */
export function rowsOf(state: State, org: Org, type: ObjectType, viewer: User | null = null): Row[] {
  const computed = Object.hasOwn(setupRows, type.name) ? setupRows[type.name] : undefined
  if (computed !== undefined) return computed(state, org, viewer)
  if (type.name === 'Organization') return [organizationRow(org)]
  if (type.name === 'User') return [...state.users.values()].filter((user) => user.orgKey === org.key).map(userRow)
  return state.rows.get(org.key)?.get(type.name) ?? []
}

function organizationRow(org: Org): Row {
  return {
    Id: org.orgId,
    Name: org.name,
    InstanceName: org.instanceName,
    IsSandbox: org.kind === 'sandbox' || org.kind === 'scratch',
    TrialExpirationDate: org.trialExpirationDate,
    NamespacePrefix: org.namespacePrefix,
    OrganizationType: org.organizationType,
    LanguageLocaleKey: 'en_US',
    DefaultLocaleSidKey: 'en_US',
    TimeZoneSidKey: 'Europe/Berlin',
    CreatedDate: salesforceTime(org.createdAt),
  }
}

function userRow(user: User): Row {
  return {
    Id: user.id,
    Name: `${user.firstName} ${user.lastName}`,
    FirstName: user.firstName,
    LastName: user.lastName,
    Username: user.username,
    Email: user.email,
    IsActive: user.active,
    UserType: 'Standard',
    LanguageLocaleKey: 'en_US',
    LocaleSidKey: 'en_US',
    TimeZoneSidKey: 'Europe/Berlin',
  }
}

/** The row with this 15- or 18-character id, wherever it lies in the org; deleted rows are not found. */
export function rowById(state: State, org: Org, id: string): Row | undefined {
  if (sameId(id, org.orgId)) return organizationRow(org)
  for (const user of state.users.values()) if (user.orgKey === org.key && sameId(user.id, id)) return userRow(user)
  for (const rows of state.rows.get(org.key)?.values() ?? []) {
    const row = rows.find((one) => sameId(one.Id, id))
    if (row !== undefined) return row['IsDeleted'] === true ? undefined : row
  }
  for (const computed of Object.values(setupRows)) {
    const row = computed(state, org, null).find((one) => sameId(one.Id, id))
    if (row !== undefined) return row
  }
  return undefined
}

/** Values with the type's own spelling of the field names. Stops with INVALID_FIELD for a name that the type lacks. */
export function checkedValues(type: ObjectType, given: Record<string, unknown>): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(given)) {
    if (name === 'attributes' || name === 'Id') continue
    const field = fieldNamed(type, name)
    if (field === undefined) {
      throw refuseRest(namedErrors.noSuchFieldToWrite(name, type.name))
    }
    values[field] = value
  }
  return values
}

/** Stores a new row and returns it. Stops with REQUIRED_FIELD_MISSING. */
export function insertRow(state: State, org: Org, type: ObjectType, values: Record<string, unknown>, userId: string): Row {
  const missing = type.required.filter((field) => values[field] === undefined || values[field] === null || values[field] === '')
  if (missing.length > 0) {
    throw refuseRest(namedErrors.missingFields(missing))
  }
  const now = salesforceTime(state.clock.now())
  const row: Row = {
    Id: state.ids.next(keyPrefixOf(type.name)),
    IsDeleted: false,
    CreatedDate: now,
    CreatedById: userId,
    OwnerId: userId,
    ...values,
    LastModifiedDate: now,
    LastModifiedById: userId,
    SystemModstamp: now,
  }
  withFullName(row)
  const byType = state.rows.get(org.key) ?? new Map<string, Row[]>()
  state.rows.set(org.key, byType)
  const rows = byType.get(type.name) ?? []
  rows.push(row)
  byType.set(type.name, rows)
  return row
}

export function updateRow(state: State, row: Row, values: Record<string, unknown>, userId: string): void {
  const now = salesforceTime(state.clock.now())
  Object.assign(row, values, { LastModifiedDate: now, LastModifiedById: userId, SystemModstamp: now })
  withFullName(row)
}

/** The compound name of a person. */
function withFullName(row: Row): void {
  if (typeof row['LastName'] !== 'string') return
  row['Name'] = typeof row['FirstName'] === 'string' ? `${row['FirstName']} ${row['LastName']}` : row['LastName']
}
