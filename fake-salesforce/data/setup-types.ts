import { scopeTokens } from '../metadata/scope-tokens.ts'
import type { FieldType, ObjectType } from './object-types.ts'

function fields(type: FieldType, ...names: string[]): Record<string, FieldType> {
  return Object.fromEntries(names.map((name) => [name, type]))
}

function setupType(name: string, keyPrefix: string, own: Record<string, FieldType>): ObjectType {
  return { name, keyPrefix, required: [], fields: own, computed: true }
}

/** Boolean columns of `ExtlClntAppOauthSettings`, by OAuth scope, where the name is not the scope in capitals (WSDL of the Tooling API). */
const COLUMN_OF_SCOPE: Record<string, string> = {
  cdp_identityresolution_api: 'CDP_IDENTITYRESOLUTION_API',
  chatter_api: 'CHATTER_REST_API',
  eclair_api: 'ECLAIR_REST_API',
  id: 'SSO',
  visualforce: 'VF',
  wave_api: 'WAVE_REST_API',
}

/** `OauthScopesAPI` for `api`. */
export function scopeColumn(scope: string): string {
  return `OauthScopes${COLUMN_OF_SCOPE[scope] ?? scope.toUpperCase()}`
}

/** Columns of `UserPermissionAccess` that follow the user; the other permissions of an administrator are simply on. */
export const PERMISSION_COLUMNS = {
  PermissionsExternalClientAppDeveloper: 'externalClientAppDeveloper',
  PermissionsExternalClientAppAdmin: 'externalClientAppAdmin',
  PermissionsExternalClientAppViewer: 'externalClientAppViewer',
  PermissionsViewClientSecret: 'viewClientSecret',
  PermissionsModifyMetadata: 'modifyMetadata',
  PermissionsCustomizeApplication: 'customizeApplication',
  PermissionsManageUsers: 'manageUsers',
  PermissionsViewSetup: 'viewSetup',
} as const

const POLICY_TEXTS = [
  'ClientCredentialsFlowUser',
  'IpRelaxationPolicyType',
  'PermittedUsersPolicyType',
  'PolicyAction',
  'RefreshTokenPolicyType',
]

/** Setup's own objects that checks read (fields: WSDL of the Tooling API; V). */
export const setupTypes: readonly ObjectType[] = [
  setupType('UserPermissionAccess', '0gx', {
    ...fields('boolean', ...Object.keys(PERMISSION_COLUMNS), 'PermissionsApiEnabled', 'PermissionsApproveUninstalledConnectedApps'),
    LastCacheUpdate: 'datetime',
  }),
  setupType('ExternalClientApplication', '0xI', {
    ...fields('string', 'DeveloperName', 'MasterLabel', 'DistributionState', 'OrgScopedExternalApp', 'ManageableState', 'NamespacePrefix'),
    ...fields('string', 'ContactPhone', 'Description', 'Language', 'ManagedType', 'Version'),
    ContactEmail: 'email',
    ...fields('url', 'IconUrl', 'InfoUrl', 'LogoUrl'),
  }),
  setupType('ExtlClntAppOauthSettings', '0xO', {
    ...fields('string', 'DeveloperName', 'MasterLabel', 'ManageableState', 'NamespacePrefix', 'Language'),
    ExternalClientApplicationId: 'reference',
    ExtlClntAppOauthOptionsFirstPartyAppEnabled: 'boolean',
    SingleLogoutUrl: 'url',
    ...fields('boolean', ...Object.values(scopeTokens).map(scopeColumn)),
  }),
  setupType('ExtlClntAppOauthPlcyCnfg', '0xP', {
    ...fields('string', 'DeveloperName', 'MasterLabel', 'Language', ...POLICY_TEXTS, 'RefreshTokenValidityUnit', 'RequiredSessionLevel'),
    ...fields('reference', 'ExternalClientApplicationId', 'ExtlClntAppOauthSettingsId'),
    ...fields('int', 'RefreshTokenValidityPeriod', 'SessionTimeoutInMinutes'),
    ...fields('boolean', 'IsClientCredentialsFlowEnabled', 'IsGuestCodeCredFlowEnabled', 'IsTokenExchangeFlowEnabled'),
    ...fields('url', 'SingleLogoutUrl', 'StartUrl'),
  }),
  setupType('ExtlClntAppPlcyCnfg', '0xQ', {
    ...fields('string', 'DeveloperName', 'MasterLabel', 'Language', 'StartPage', 'StartUrl'),
    ...fields(
      'string',
      'OauthPluginStatus',
      'SamlPluginStatus',
      'CanvasPluginStatus',
      'MobilePluginStatus',
      'PushPluginStatus',
      'NotifPluginStatus',
    ),
    ExternalClientApplicationId: 'reference',
    IsEnabled: 'boolean',
  }),
  setupType('OauthToken', '0CQ', {
    ...fields('string', 'AppName', 'DeleteToken', 'RequestToken', 'AccessToken'),
    ...fields('reference', 'AppMenuItemId', 'UserId'),
    LastUsedDate: 'datetime',
    UseCount: 'int',
  }),
  {
    ...setupType('SandboxProcess', '0GR', {
      ...fields('string', 'SandboxName', 'SandboxOrganization', 'Status', 'LicenseType', 'Description', 'Features', 'RefreshAction'),
      ...fields('reference', 'SandboxInfoId', 'SourceId', 'TemplateId'),
      ...fields('datetime', 'StartDate', 'EndDate', 'ActivatedDate'),
      ...fields('int', 'CopyProgress', 'HistoryDays'),
      ...fields('boolean', 'AutoActivate', 'CopyChatter'),
    }),
    toolingOnly: true,
  },
]
