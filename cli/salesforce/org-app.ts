/** What the org itself tells of an External Client App. Field names: Tooling WSDL of API 67 (V). The global OAuth settings (PKCE, rotation, secrets) cannot be queried (V). */
import { CommandFailure } from '../output.ts'
import type { Org } from './org-api.ts'

export interface AppInOrg {
  id: string
  apiName: string
  label: string
  distribution: string | null
  namespace: string | null
}

export interface PolicyInOrg {
  refreshTokenPolicyType: string | null
  refreshTokenValidityPeriod: number | null
  refreshTokenValidityUnit: string | null
  ipRelaxationPolicyType: string | null
  permittedUsersPolicyType: string | null
  sessionTimeoutInMinutes: number | null
}

/** Ours is made of letters, digits and underscores, so nothing in it needs escaping in SOQL. */
const API_NAME = /^[A-Za-z]\w{0,79}$/

interface AppRow {
  Id: string
  DeveloperName: string
  MasterLabel: string
  DistributionState: string | null
  NamespacePrefix: string | null
}

export async function appInOrg(org: Org, apiName: string): Promise<AppInOrg | undefined> {
  if (!API_NAME.test(apiName))
    throw new CommandFailure(`"${apiName}" is no API name of an app: letters, digits and underscores, a letter first.`)
  const soql = `SELECT Id, DeveloperName, MasterLabel, DistributionState, NamespacePrefix FROM ExternalClientApplication WHERE DeveloperName = '${apiName}' LIMIT 1`
  const [row] = await org.query<AppRow>(soql, { tooling: true, doing: `looking for the app ${apiName}` })
  if (!row) return undefined
  return {
    id: row.Id,
    apiName: row.DeveloperName,
    label: row.MasterLabel,
    distribution: row.DistributionState,
    namespace: row.NamespacePrefix,
  }
}

interface PolicyRow {
  RefreshTokenPolicyType?: string | null
  RefreshTokenValidityPeriod?: number | null
  RefreshTokenValidityUnit?: string | null
  IpRelaxationPolicyType?: string | null
  PermittedUsersPolicyType?: string | null
  SessionTimeoutInMinutes?: number | null
}

export async function policyInOrg(org: Org, app: AppInOrg): Promise<PolicyInOrg | undefined> {
  if (!/^\w{15,18}$/.test(app.id)) return undefined
  const soql =
    'SELECT RefreshTokenPolicyType, RefreshTokenValidityPeriod, RefreshTokenValidityUnit, IpRelaxationPolicyType, PermittedUsersPolicyType, ' +
    `SessionTimeoutInMinutes FROM ExtlClntAppOauthPlcyCnfg WHERE ExternalClientApplicationId = '${app.id}' LIMIT 1`
  const [row] = await org.query<PolicyRow>(soql, { tooling: true, doing: `reading the policies of ${app.apiName}` })
  if (!row) return undefined
  return {
    refreshTokenPolicyType: row.RefreshTokenPolicyType ?? null,
    refreshTokenValidityPeriod: row.RefreshTokenValidityPeriod ?? null,
    refreshTokenValidityUnit: row.RefreshTokenValidityUnit ?? null,
    ipRelaxationPolicyType: row.IpRelaxationPolicyType ?? null,
    permittedUsersPolicyType: row.PermittedUsersPolicyType ?? null,
    sessionTimeoutInMinutes: row.SessionTimeoutInMinutes ?? null,
  }
}

const MOST_APPS = 100

/** The apps of the org, the newest first. */
export async function appsInOrg(org: Org): Promise<AppInOrg[]> {
  const soql = `SELECT Id, DeveloperName, MasterLabel, DistributionState, NamespacePrefix FROM ExternalClientApplication ORDER BY CreatedDate DESC LIMIT ${MOST_APPS}`
  return (await org.query<AppRow>(soql, { tooling: true, doing: 'listing the apps of the org' })).map(appOf)
}

function appOf(row: AppRow): AppInOrg {
  return {
    id: row.Id,
    apiName: row.DeveloperName,
    label: row.MasterLabel,
    distribution: row.DistributionState,
    namespace: row.NamespacePrefix,
  }
}
