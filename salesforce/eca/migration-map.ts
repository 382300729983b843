export type MigrationRule = {
  /** Path in the Connected App. */
  from: string
  /** Type and element that the External Client App has instead. */
  to: string
  /** The option, as a path into `AppOptions`. */
  field: string
  kind: 'text' | 'integer' | 'boolean' | 'negated'
  why?: string
}

const APP = 'ExternalClientApplication'
const GLOBAL = 'ExtlClntAppGlobalOauthSettings'
const OAUTH = 'ExtlClntAppOauthSettings'
const POLICIES = 'ExtlClntAppOauthConfigurablePolicies'

function rules(
  kind: MigrationRule['kind'],
  type: string,
  prefix: string,
  fields: Readonly<Record<string, readonly [to: string, field: string]>>,
): MigrationRule[] {
  return Object.entries(fields).map(([name, [to, field]]) => ({ from: `${prefix}${name}`, to: `${type}.${to}`, field, kind }))
}

const same = (name: string, field = name): readonly [string, string] => [name, field]

/** Elements that are copied to one option. Source: WSDL on both sides (V); that they mean the same is partly M. */
export const migrationRules: readonly MigrationRule[] = [
  ...rules('text', APP, '', {
    label: same('label'),
    contactEmail: same('contactEmail'),
    contactPhone: same('contactPhone'),
    description: same('description'),
    iconUrl: same('iconUrl'),
    logoUrl: same('logoUrl'),
    infoUrl: same('infoUrl'),
  }),
  ...rules('text', 'ExtlClntAppConfigurablePolicies', '', { startUrl: same('startUrl', 'extras.startUrl') }),
  ...rules('text', POLICIES, '', { plugin: ['apexHandler', 'extras.apexHandler'] }),
  ...rules('text', GLOBAL, 'oauthConfig.', { certificate: same('certificate', 'extras.certificate') }),
  ...rules('text', GLOBAL, 'oauthConfig.idTokenConfig.', { idTokenAudience: ['idTokenConfig.idTokenAudience', 'extras.idTokenAudience'] }),
  ...rules('integer', GLOBAL, 'oauthConfig.idTokenConfig.', {
    idTokenValidity: ['idTokenConfig.idTokenValidityInMinutes', 'extras.idTokenValidityMinutes'],
  }),
  ...rules('boolean', GLOBAL, 'oauthConfig.idTokenConfig.', {
    idTokenIncludeAttributes: ['idTokenConfig.idTokenIncludeAttributes', 'extras.idTokenAttributes'],
    idTokenIncludeCustomPerms: ['idTokenConfig.idTokenIncludeCustomPermissions', 'extras.idTokenCustomPermissions'],
    idTokenIncludeStandardClaims: ['idTokenConfig.idTokenIncludeStandardClaims', 'extras.idTokenStandardClaims'],
  }),
  ...rules('negated', GLOBAL, 'oauthConfig.', { isConsumerSecretOptional: same('isConsumerSecretOptional', 'secretForWebServerFlow') }),
  ...rules('boolean', GLOBAL, 'oauthConfig.', {
    isClientCredentialEnabled: ['isClientCredentialsFlowEnabled', 'flows.clientCredentials'],
    isCodeCredentialEnabled: ['isCodeCredFlowEnabled', 'flows.codeAndCredentials'],
    isCodeCredentialPostOnly: ['isCodeCredPostOnly', 'extras.codeCredentialsPostOnly'],
    isDPopEnabled: same('isDPopEnabled', 'extras.dpop'),
    isDeviceFlowEnabled: same('isDeviceFlowEnabled', 'flows.device'),
    isEnforceRefreshTokenTTL: same('isEnforceRefreshTokenTTL', 'idleLimit'),
    isIntrospectAllTokens: same('isIntrospectAllTokens', 'extras.introspectAllTokens'),
    isNamedUserJwtEnabled: same('isNamedUserJwtEnabled', 'extras.namedUserJwt'),
    isPKImTLSEnabled: ['isMtlsEnabled', 'extras.mtls'],
    isPkceRequired: same('isPkceRequired', 'pkce'),
    isRefreshTokenRotationEnabled: same('isRefreshTokenRotationEnabled', 'rotation'),
    isSecretRequiredForRefreshToken: same('isSecretRequiredForRefreshToken', 'secretForRefreshFlow'),
    isSecretRequiredForTokenExchange: same('isSecretRequiredForTokenExchange', 'extras.secretForTokenExchange'),
    isTokenExchangeEnabled: same('isTokenExchangeEnabled', 'flows.tokenExchange'),
  }),
  ...rules('text', OAUTH, 'oauthConfig.', { singleLogoutUrl: same('singleLogoutUrl', 'extras.singleLogoutUrl') }),
  ...rules('text', OAUTH, 'oauthConfig.assetTokenConfig.', {
    assetAudiences: ['assetTokenAudiences', 'extras.assetTokenAudiences'],
    assetSigningCertId: ['assetTokenSigningCertificate', 'extras.assetTokenSigningCertificate'],
  }),
  ...rules('boolean', OAUTH, 'oauthConfig.assetTokenConfig.', {
    assetIncludeAttributes: ['areAttributesIncludedInAssetToken', 'extras.assetTokenAttributes'],
    assetIncludeCustomPerms: ['areCustomPermsIncludedInAssetToken', 'extras.assetTokenCustomPermissions'],
  }),
  ...rules('integer', OAUTH, 'oauthConfig.assetTokenConfig.', { assetValidityPeriod: ['assetTokenValidity', 'extras.assetTokenValidity'] }),
  ...rules('text', POLICIES, 'oauthConfig.', { oauthClientCredentialUser: ['clientCredentialsFlowUser', 'extras.clientCredentialsUser'] }),
  ...rules('text', POLICIES, 'oauthPolicy.', { singleLogoutUrl: same('singleLogoutUrl', 'extras.policySingleLogoutUrl') }),
  ...rules('boolean', POLICIES, 'oauthPolicy.', {
    isTokenExchangeFlowEnabled: same('isTokenExchangeFlowEnabled', 'extras.tokenExchangePolicy'),
  }),
  ...rules('integer', POLICIES, 'sessionPolicy.', { sessionTimeout: ['sessionTimeoutInMinutes', 'sessionTimeoutMinutes'] }),
]

export type MigrationDefault = { from: string; to: string; field: string; value: unknown; why: string }

const OFF = 'Absent in a Connected App means off; written out, so that no default of the org changes it.'

/** Written when the Connected App says nothing. The platform's defaults differ between the two kinds of app. */
export const migrationDefaults: readonly MigrationDefault[] = [
  {
    from: 'oauthConfig.isPkceRequired',
    to: `${GLOBAL}.isPkceRequired`,
    field: 'pkce',
    value: false,
    why: 'Absent means off in a Connected App, but on in an External Client App: without this line, clients that send no code challenge would be refused.',
  },
  {
    from: 'oauthConfig.isConsumerSecretOptional',
    to: `${GLOBAL}.isConsumerSecretOptional`,
    field: 'secretForWebServerFlow',
    value: true,
    why: 'Absent means that the secret is required.',
  },
  {
    from: 'oauthConfig.isSecretRequiredForRefreshToken',
    to: `${GLOBAL}.isSecretRequiredForRefreshToken`,
    field: 'secretForRefreshFlow',
    value: true,
    why: 'Required is the default of External Client Apps; that it is of Connected Apps too is commonly known only.',
  },
  {
    from: 'oauthConfig.isRefreshTokenRotationEnabled',
    to: `${GLOBAL}.isRefreshTokenRotationEnabled`,
    field: 'rotation',
    value: false,
    why: OFF,
  },
  { from: 'oauthConfig.isEnforceRefreshTokenTTL', to: `${GLOBAL}.isEnforceRefreshTokenTTL`, field: 'idleLimit', value: false, why: OFF },
  {
    from: 'oauthConfig.isClientCredentialEnabled',
    to: `${GLOBAL}.isClientCredentialsFlowEnabled`,
    field: 'flows.clientCredentials',
    value: false,
    why: OFF,
  },
  {
    from: 'oauthConfig.isCodeCredentialEnabled',
    to: `${GLOBAL}.isCodeCredFlowEnabled`,
    field: 'flows.codeAndCredentials',
    value: false,
    why: OFF,
  },
  { from: 'oauthConfig.isDeviceFlowEnabled', to: `${GLOBAL}.isDeviceFlowEnabled`, field: 'flows.device', value: false, why: OFF },
  {
    from: 'oauthConfig.isTokenExchangeEnabled',
    to: `${GLOBAL}.isTokenExchangeEnabled`,
    field: 'flows.tokenExchange',
    value: false,
    why: OFF,
  },
  {
    from: 'oauthPolicy.refreshTokenPolicy',
    to: `${POLICIES}.refreshTokenPolicyType`,
    field: 'refreshTokens',
    value: { policy: 'infinite' },
    why: 'Valid until revoked is the default of Connected Apps (commonly known); without it the new app would end refresh tokens after 365 days.',
  },
  {
    from: 'oauthPolicy.ipRelaxation',
    to: `${POLICIES}.ipRelaxationPolicyType`,
    field: 'ipRelaxation',
    value: 'Enforce',
    why: 'Enforcing is the default of both kinds of app.',
  },
  {
    from: 'oauthConfig.isAdminApproved',
    to: `${POLICIES}.permittedUsersPolicyType`,
    field: 'permittedUsers',
    value: 'AllSelfAuthorized',
    why: 'Absent means that all users may allow access themselves.',
  },
]

/** What has no place in the files, with the reason; a path stands for everything below it. `person` says what is left to do by hand. */
export const droppedElements: Readonly<Record<string, { why: string; person?: string }>> = {
  'oauthConfig.consumerKey': { why: 'A new app gets a new key. The button in Setup keeps the old one.' },
  'oauthConfig.consumerSecret': { why: 'Secrets are never written into files. Take it out of this file too.' },
  samlConfig: {
    why: 'These files set up OAuth alone.',
    person: 'Set single sign-on up in the new app: Setup, External Client App Manager, SAML.',
  },
  canvasConfig: { why: 'These files set up OAuth alone.', person: 'Canvas needs its own settings in the new app.' },
  canvas: { why: 'These files set up OAuth alone.', person: 'Canvas needs its own settings in the new app.' },
  mobileAppConfig: { why: 'These files set up OAuth alone.', person: 'Mobile and push settings have to be made in the new app.' },
  mobileStartUrl: {
    why: 'It belongs to the mobile settings, which these files do not have.',
    person: 'Set it in the mobile settings of the new app.',
  },
}
