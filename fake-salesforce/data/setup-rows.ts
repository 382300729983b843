import { appRecordId } from '../apps/app-identifier.ts'
import { to18 } from '../ids.ts'
import { scopeTokens } from '../metadata/scope-tokens.ts'
import { apiNameOf } from '../orgs/add-app.ts'
import type { App, Org, Row, State, User } from '../state.ts'
import { PERMISSION_COLUMNS, scopeColumn } from './setup-types.ts'
import { salesforceTime } from './times.ts'

type Rows = (state: State, org: Org, viewer: User | null) => Row[]

/** Rows that are read from the org's state, by type. `viewer` is who asks; null counts as an administrator. */
export const setupRows: Record<string, Rows> = {
  UserPermissionAccess: (_state, _org, viewer) => (viewer === null ? [] : [permissionRow(viewer)]),
  ExternalClientApplication: (state, org) => ownApps(state, org).map((app) => headerRow(org, app)),
  ExtlClntAppOauthSettings: (state, org) => withOauth(state, org).map(oauthRow),
  ExtlClntAppOauthPlcyCnfg: (state, org) => withOauth(state, org).map(oauthPolicyRow),
  ExtlClntAppPlcyCnfg: (state, org) => ownApps(state, org).map(policyRow),
  OauthToken: tokenRows,
  SandboxProcess: sandboxRows,
}

function ownApps(state: State, org: Org): App[] {
  const isShown = (app: App): boolean => app.orgKey === org.key || (app.distribution === 'Packaged' && app.installedIn.includes(org.key))
  return [...state.apps.values()].filter((app) => app.type === 'eca' && !app.deleted && isShown(app))
}

function withOauth(state: State, org: Org): App[] {
  return ownApps(state, org).filter((app) => app.consumers.length > 0)
}

function permissionRow(user: User): Row {
  const columns = Object.entries(PERMISSION_COLUMNS).map(([column, name]) => [column, user.permissions[name]])
  return {
    Id: '000000000000000AAA',
    ...Object.fromEntries(columns),
    PermissionsApiEnabled: user.apiEnabled,
    PermissionsApproveUninstalledConnectedApps: user.approveUninstalled,
  }
}

/** What the deployed file said, or null. */
function said(app: App, type: string, field: string): unknown {
  return app.metadata[type]?.fields[field] ?? null
}

/** Apps that were not deployed have the names that Setup gives. */
function nameOf(app: App, type: string, suffix: string): string {
  return app.metadata[type]?.fullName ?? `${apiNameOf(app)}${suffix}`
}

function commonOf(app: App): Omit<Row, 'Id'> {
  const time = salesforceTime(app.createdAt)
  return { IsDeleted: false, CreatedDate: time, LastModifiedDate: time, SystemModstamp: time, Language: 'en_US' }
}

function headerRow(org: Org, app: App): Row {
  const type = 'ExternalClientApplication'
  return {
    ...commonOf(app),
    Id: appRecordId(app, 'app'),
    DeveloperName: apiNameOf(app),
    MasterLabel: app.label,
    DistributionState: app.distribution,
    OrgScopedExternalApp: `${org.orgId.slice(0, 15)}:${apiNameOf(app)}`,
    ManageableState: app.orgKey === org.key ? 'unmanaged' : 'installed',
    NamespacePrefix: org.namespacePrefix,
    ContactEmail: said(app, type, 'contactEmail'),
    ContactPhone: said(app, type, 'contactPhone'),
    Description: said(app, type, 'description'),
    IconUrl: said(app, type, 'iconUrl'),
    InfoUrl: said(app, type, 'infoUrl'),
    LogoUrl: said(app, type, 'logoUrl'),
    ManagedType: said(app, type, 'managedType'),
  }
}

function oauthRow(app: App): Row {
  const name = nameOf(app, 'ExtlClntAppOauthSettings', '_oauth')
  return {
    ...commonOf(app),
    Id: appRecordId(app, 'oauthSettings'),
    ...Object.fromEntries(Object.values(scopeTokens).map((scope) => [scopeColumn(scope), app.scopes.includes(scope)])),
    DeveloperName: name,
    MasterLabel: said(app, 'ExtlClntAppOauthSettings', 'label') ?? name,
    ExternalClientApplicationId: appRecordId(app, 'app'),
    ExtlClntAppOauthOptionsFirstPartyAppEnabled: false,
    SingleLogoutUrl: said(app, 'ExtlClntAppOauthSettings', 'singleLogoutUrl'),
  }
}

function oauthPolicyRow(app: App): Row {
  const type = 'ExtlClntAppOauthConfigurablePolicies'
  const { policy } = app
  // A deployed app without a policy file got Salesforce's own.
  const isDefault = Object.keys(app.metadata).length > 0 && app.metadata[type] === undefined
  const name = nameOf(app, type, isDefault ? '_defaultPolicy' : '_oauthPlcy')
  const timed = policy.rtPolicy === 'SpecificLifetime' || policy.rtPolicy === 'SpecificInactivity'
  return {
    ...commonOf(app),
    Id: appRecordId(app, 'oauthPolicy'),
    DeveloperName: name,
    MasterLabel: said(app, type, 'label') ?? name,
    ExternalClientApplicationId: appRecordId(app, 'app'),
    ExtlClntAppOauthSettingsId: appRecordId(app, 'oauthSettings'),
    RefreshTokenPolicyType: policy.rtPolicy,
    RefreshTokenValidityPeriod: timed ? policy.rtPeriod : null,
    RefreshTokenValidityUnit: timed ? policy.rtUnit : null,
    IpRelaxationPolicyType: policy.ipRelaxation,
    PermittedUsersPolicyType: policy.permittedUsers,
    SessionTimeoutInMinutes: policy.sessionTimeoutMin,
    RequiredSessionLevel: policy.requiredSessionLevel,
    PolicyAction: said(app, type, 'policyAction'),
    ClientCredentialsFlowUser: policy.runAs,
    IsClientCredentialsFlowEnabled: policy.clientCredentials && app.flags.clientCredentials,
    IsGuestCodeCredFlowEnabled: said(app, type, 'isGuestCodeCredFlowEnabled') === true,
    IsTokenExchangeFlowEnabled: said(app, type, 'isTokenExchangeFlowEnabled') === true,
    SingleLogoutUrl: said(app, type, 'singleLogoutUrl'),
    StartUrl: said(app, type, 'startUrl'),
  }
}

function policyRow(app: App): Row {
  const type = 'ExtlClntAppConfigurablePolicies'
  const name = nameOf(app, type, '_plcy')
  // The words of the status columns are a guess: the WSDL says string only.
  const status = (on: boolean): string => (on ? 'Enabled' : 'Disabled')
  return {
    ...commonOf(app),
    Id: appRecordId(app, 'policy'),
    DeveloperName: name,
    MasterLabel: said(app, type, 'label') ?? name,
    ExternalClientApplicationId: appRecordId(app, 'app'),
    IsEnabled: app.enabled && !app.blocked,
    OauthPluginStatus: status(app.oauthEnabled),
    SamlPluginStatus: status(false),
    StartPage: said(app, type, 'startPage') ?? 'None',
    StartUrl: said(app, type, 'startUrl'),
  }
}

/** One row for each approval; without "Manage Users" people see their own (M). */
function tokenRows(state: State, org: Org, viewer: User | null): Row[] {
  const all = viewer === null || viewer.permissions.manageUsers
  const grants = [...state.grants.values()].filter((grant) => grant.orgKey === org.key && (all || grant.username === viewer.username))
  return grants.map((grant) => ({
    Id: grant.id,
    AppName: grant.app.label,
    AppMenuItemId: null,
    UserId: state.users.get(grant.username)?.id ?? null,
    CreatedDate: salesforceTime(grant.createdAt),
    LastUsedDate: salesforceTime(grant.lastUsedAt),
    UseCount: grant.useCount,
    DeleteToken: grant.id,
  }))
}

/** Each copy of each sandbox of a production org; the ids follow from the org ids, so that no counter moves. */
function sandboxRows(state: State, org: Org): Row[] {
  const sandboxes = [...state.orgs.values()].filter((one) => one.sourceOrgKey === org.key)
  const now = state.clock.now()
  return sandboxes.flatMap((sandbox) =>
    sandbox.copies.map(({ orgId, startedAt, endedAt }): Row => {
      const done = now >= endedAt
      const progress = done ? 100 : Math.floor((100 * (now - startedAt)) / (endedAt - startedAt))
      return {
        Id: to18(`0GR${orgId.slice(3, 15)}`),
        IsDeleted: false,
        SandboxName: sandbox.sandboxName,
        SandboxOrganization: orgId.slice(0, 15),
        SandboxInfoId: to18(`0GQ${sandbox.copies[0]?.orgId.slice(3, 15)}`),
        Status: sandbox.deleted ? 'Deleted' : done ? 'Completed' : 'Processing',
        LicenseType: 'DEVELOPER',
        CopyProgress: progress,
        SourceId: null,
        Description: null,
        Features: null,
        AutoActivate: true,
        CreatedDate: salesforceTime(startedAt),
        StartDate: salesforceTime(startedAt),
        EndDate: done ? salesforceTime(endedAt) : null,
        ActivatedDate: done ? salesforceTime(endedAt) : null,
      }
    }),
  )
}
