/** What a command asks an org before it changes anything. */
import { orgKindFrom, type OrganizationRow, type OrgKind } from '@hawser/salesforce/org.ts'
import type { Org } from './org-api.ts'
import { OrgFailure, plain } from './org-api.ts'

export interface OrgFacts {
  kind: OrgKind
  /** 18 characters. */
  id: string
  label: string
  /** Set in sandboxes and scratch orgs made with one. */
  namespace: string | null
}

type Row = OrganizationRow & { Id: string; Name: string; NamespacePrefix?: string | null }

export async function factsOf(org: Org): Promise<OrgFacts> {
  const [row] = await org.query<Row>(
    'SELECT Id, Name, IsSandbox, TrialExpirationDate, OrganizationType, NamespacePrefix FROM Organization LIMIT 1',
    {
      doing: 'asking which org this is',
    },
  )
  if (!row) throw new OrgFailure('Asking which org this is failed: the org has no Organization record for this user.', { status: 200 })
  const { kind } = orgKindFrom({ organization: row, instanceHost: org.host })
  return { kind, id: row.Id, label: plain(row.Name), namespace: row.NamespacePrefix ?? null }
}

/** Source of the names: the fields of `UserPermissionAccess` (V); what each allows: eca-metadata facts (V for the app ones, M for deploying). */
export const PERMISSIONS = {
  externalClientAppDeveloper: 'PermissionsExternalClientAppDeveloper',
  viewClientSecret: 'PermissionsViewClientSecret',
  modifyMetadata: 'PermissionsModifyMetadata',
  modifyAllData: 'PermissionsModifyAllData',
  customizeApplication: 'PermissionsCustomizeApplication',
  apiEnabled: 'PermissionsApiEnabled',
} as const

export type Permission = keyof typeof PERMISSIONS

/** `undefined` for a permission that this org does not know: each is asked for apart then, since one unknown column refuses the query. */
export type Permissions = Record<Permission, boolean | undefined>

export async function permissionsIn(org: Org): Promise<Permissions> {
  const names = Object.keys(PERMISSIONS) as Permission[]
  try {
    return await readPermissions(org, names)
  } catch (error) {
    if (!isUnknownColumn(error)) throw error
  }
  const parts = await Promise.all(
    names.map((name) =>
      readPermissions(org, [name]).catch((error: unknown) => {
        if (isUnknownColumn(error)) return {}
        throw error
      }),
    ),
  )
  return Object.assign(Object.fromEntries(names.map((name) => [name, undefined])), ...parts) as Permissions
}

async function readPermissions(org: Org, names: Permission[]): Promise<Permissions> {
  const soql = `SELECT ${names.map((name) => PERMISSIONS[name]).join(', ')} FROM UserPermissionAccess LIMIT 1`
  const [row] = await org.query<Record<string, unknown>>(soql, { doing: 'reading your permissions' })
  return Object.fromEntries(names.map((name) => [name, row ? row[PERMISSIONS[name]] === true : undefined])) as Permissions
}

function isUnknownColumn(error: unknown): boolean {
  return error instanceof OrgFailure && (error.errorCode === 'INVALID_FIELD' || error.errorCode === 'INVALID_TYPE')
}
