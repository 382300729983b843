import type { Org, State } from '../state.ts'
import { setupTypes } from './setup-types.ts'

export type FieldType =
  | 'id'
  | 'string'
  | 'textarea'
  | 'reference'
  | 'boolean'
  | 'double'
  | 'int'
  | 'datetime'
  | 'date'
  | 'email'
  | 'phone'
  | 'url'
  | 'base64'

export interface ObjectType {
  name: string
  keyPrefix: string
  /** Field name to type. Names that end in `__c` are accepted besides. */
  fields: Record<string, FieldType>
  required: string[]
  /** Read from the org's state; nobody can write it. */
  computed?: true
  /** Known to the Tooling API only. */
  toolingOnly?: true
}

const SYSTEM_FIELDS: Record<string, FieldType> = {
  Id: 'id',
  IsDeleted: 'boolean',
  CreatedDate: 'datetime',
  CreatedById: 'reference',
  LastModifiedDate: 'datetime',
  LastModifiedById: 'reference',
  SystemModstamp: 'datetime',
  OwnerId: 'reference',
}

function objectType(name: string, keyPrefix: string, required: string[], fields: Record<string, FieldType>): ObjectType {
  return { name, keyPrefix, required, fields: { ...SYSTEM_FIELDS, ...fields } }
}

const DATA_TYPES: ObjectType[] = [
  objectType('Account', '001', ['Name'], {
    Name: 'string',
    Type: 'string',
    Industry: 'string',
    Phone: 'phone',
    Website: 'url',
    Description: 'textarea',
    AccountNumber: 'string',
    AnnualRevenue: 'double',
    NumberOfEmployees: 'int',
    BillingStreet: 'textarea',
    BillingCity: 'string',
    BillingPostalCode: 'string',
    BillingCountry: 'string',
    ParentId: 'reference',
    Rating: 'string',
  }),
  objectType('Contact', '003', ['LastName'], {
    Name: 'string',
    FirstName: 'string',
    LastName: 'string',
    Title: 'string',
    Email: 'email',
    Phone: 'phone',
    MobilePhone: 'phone',
    Department: 'string',
    AccountId: 'reference',
    MailingCity: 'string',
    MailingCountry: 'string',
    Description: 'textarea',
  }),
  objectType('Lead', '00Q', ['LastName', 'Company'], {
    Name: 'string',
    FirstName: 'string',
    LastName: 'string',
    Company: 'string',
    Email: 'email',
    Phone: 'phone',
    Status: 'string',
  }),
  objectType('Opportunity', '006', ['Name', 'StageName', 'CloseDate'], {
    Name: 'string',
    StageName: 'string',
    CloseDate: 'date',
    Amount: 'double',
    AccountId: 'reference',
    IsClosed: 'boolean',
    IsWon: 'boolean',
  }),
  objectType('Case', '500', [], {
    Subject: 'string',
    Status: 'string',
    Priority: 'string',
    Description: 'textarea',
    AccountId: 'reference',
    ContactId: 'reference',
  }),
  objectType('Task', '00T', [], { Subject: 'string', Status: 'string', WhoId: 'reference', WhatId: 'reference', ActivityDate: 'date' }),
  objectType('ContentVersion', '068', [], {
    Title: 'string',
    PathOnClient: 'string',
    VersionData: 'base64',
    ContentSize: 'int',
    ContentDocumentId: 'reference',
    FileExtension: 'string',
  }),
  objectType('User', '005', ['Username', 'LastName', 'Email'], {
    Name: 'string',
    FirstName: 'string',
    LastName: 'string',
    Username: 'string',
    Email: 'email',
    IsActive: 'boolean',
    ProfileId: 'reference',
    UserType: 'string',
    LanguageLocaleKey: 'string',
    LocaleSidKey: 'string',
    TimeZoneSidKey: 'string',
  }),
  objectType('Organization', '00D', [], {
    Name: 'string',
    InstanceName: 'string',
    IsSandbox: 'boolean',
    TrialExpirationDate: 'datetime',
    NamespacePrefix: 'string',
    OrganizationType: 'string',
    LanguageLocaleKey: 'string',
    DefaultLocaleSidKey: 'string',
    TimeZoneSidKey: 'string',
    PrimaryContact: 'string',
  }),
]

const STANDARD: ObjectType[] = [...DATA_TYPES, ...setupTypes.map((type) => ({ ...type, fields: { ...SYSTEM_FIELDS, ...type.fields } }))]

const BY_NAME = new Map(STANDARD.map((type) => [type.name.toLowerCase(), type]))

/** Sandboxes are seen from the production org that owns some; anywhere else the type does not exist. */
function isInOrg(state: State, org: Org, type: ObjectType): boolean {
  if (type.name !== 'SandboxProcess') return true
  return org.kind === 'production' && [...state.orgs.values()].some((one) => one.sourceOrgKey === org.key)
}

/**
 * The type with this name in any case: a standard one, or one that has rows in the org. The second kind has the fields that its rows have,
 * and a key prefix that follows from its name.
 */
export function objectTypeNamed(state: State, org: Org, name: string): ObjectType | undefined {
  const lower = name.toLowerCase()
  const standard = BY_NAME.get(lower)
  if (standard !== undefined) return isInOrg(state, org, standard) ? standard : undefined
  const entry = [...(state.rows.get(org.key) ?? [])].find(([type]) => type.toLowerCase() === lower)
  if (entry === undefined) return undefined
  const [known, rows] = entry
  const fields: Record<string, FieldType> = {}
  for (const row of rows) for (const [field, value] of Object.entries(row)) fields[field] ??= fieldTypeOf(value)
  return objectType(known, keyPrefixOf(known), [], fields)
}

export function objectTypesOf(state: State, org: Org): ObjectType[] {
  const custom = [...(state.rows.get(org.key)?.keys() ?? [])].filter((name) => !BY_NAME.has(name.toLowerCase()))
  return [
    ...STANDARD.filter((type) => isInOrg(state, org, type) && type.toolingOnly !== true),
    ...custom.flatMap((name) => objectTypeNamed(state, org, name) ?? []),
  ]
}

function fieldTypeOf(value: unknown): FieldType {
  if (typeof value === 'boolean') return 'boolean'
  return typeof value === 'number' ? 'double' : 'string'
}

/** `a` and two characters of a small hash, as custom objects have `a00`, `a01`, …; stable, for ids must tell their type. */
export function keyPrefixOf(name: string): string {
  const standard = BY_NAME.get(name.toLowerCase())
  if (standard !== undefined) return standard.keyPrefix
  let hash = 0
  for (const character of name.toLowerCase()) hash = (hash * 31 + character.charCodeAt(0)) % 1296
  return `a${hash.toString(36).toUpperCase().padStart(2, '0')}`
}

/** The field's own spelling, or undefined when the type has none of that name. */
export function fieldNamed(type: ObjectType, name: string): string | undefined {
  const lower = name.toLowerCase()
  const known = Object.keys(type.fields).find((field) => field.toLowerCase() === lower)
  return known ?? (/^[a-z][a-z0-9_]*__c$/i.test(name) ? name : undefined)
}
