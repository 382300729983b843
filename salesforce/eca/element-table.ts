import type { FileKind } from './metadata-types.ts'

export type ElementKind =
  | 'text'
  | 'integer'
  | 'boolean'
  /** A boolean that says the opposite of the option. */
  | 'negated'
  /** One name after the other, joined with `, `. */
  | 'comma list'
  /** One after the other, each on a line. */
  | 'lines'

export type ElementRow = {
  file: FileKind
  /** `idTokenConfig.idTokenAudience` stands for an element within an element. */
  element: string
  /** The option that it holds, as a path into `AppOptions`. */
  field: string
  kind: ElementKind
}

/** `field` followed by the elements that hold it under the same rules; what needs more than copying stands in metadata-files.ts. */
function rows(file: FileKind, kind: ElementKind, fields: Readonly<Record<string, string>>): ElementRow[] {
  return Object.entries(fields).map(([element, field]) => ({ file, element, field, kind }))
}

/** Elements that are copied from and to one option. Source: WSDL of the Metadata API (@salesforce/types 1.9.0), V. */
export const elementTable: readonly ElementRow[] = [
  ...rows('app', 'text', {
    contactEmail: 'contactEmail',
    contactPhone: 'contactPhone',
    description: 'description',
    distributionState: 'distribution',
    iconUrl: 'iconUrl',
    infoUrl: 'infoUrl',
    label: 'label',
    logoUrl: 'logoUrl',
  }),
  ...rows('globalOauth', 'lines', { callbackUrl: 'callbackUrls' }),
  ...rows('globalOauth', 'negated', { isConsumerSecretOptional: 'secretForWebServerFlow' }),
  ...rows('globalOauth', 'boolean', {
    isClientCredentialsFlowEnabled: 'flows.clientCredentials',
    isCodeCredFlowEnabled: 'flows.codeAndCredentials',
    isCodeCredPostOnly: 'extras.codeCredentialsPostOnly',
    isDPopEnabled: 'extras.dpop',
    isDeviceFlowEnabled: 'flows.device',
    isEnforceRefreshTokenTTL: 'idleLimit',
    isIntrospectAllTokens: 'extras.introspectAllTokens',
    isMtlsEnabled: 'extras.mtls',
    isNamedUserJwtEnabled: 'extras.namedUserJwt',
    isPkceRequired: 'pkce',
    isRefreshTokenRotationEnabled: 'rotation',
    isSecretRequiredForRefreshToken: 'secretForRefreshFlow',
    isSecretRequiredForTokenExchange: 'extras.secretForTokenExchange',
    isTokenExchangeEnabled: 'flows.tokenExchange',
    'idTokenConfig.idTokenIncludeAttributes': 'extras.idTokenAttributes',
    'idTokenConfig.idTokenIncludeCustomPermissions': 'extras.idTokenCustomPermissions',
    'idTokenConfig.idTokenIncludeStandardClaims': 'extras.idTokenStandardClaims',
  }),
  ...rows('globalOauth', 'text', { certificate: 'extras.certificate', 'idTokenConfig.idTokenAudience': 'extras.idTokenAudience' }),
  ...rows('globalOauth', 'integer', { 'idTokenConfig.idTokenValidityInMinutes': 'extras.idTokenValidityMinutes' }),
  ...rows('oauth', 'boolean', {
    areAttributesIncludedInAssetToken: 'extras.assetTokenAttributes',
    areCustomPermsIncludedInAssetToken: 'extras.assetTokenCustomPermissions',
  }),
  ...rows('oauth', 'text', {
    assetTokenAudiences: 'extras.assetTokenAudiences',
    assetTokenSigningCertificate: 'extras.assetTokenSigningCertificate',
    clientAssertionCertificate: 'extras.clientAssertionCertificate',
    singleLogoutUrl: 'extras.singleLogoutUrl',
  }),
  ...rows('oauth', 'integer', { assetTokenValidity: 'extras.assetTokenValidity' }),
  ...rows('oauth', 'comma list', { commaSeparatedCustomScopes: 'extras.customScopes', commaSeparatedOauthScopes: 'scopes' }),
  ...rows('oauthPolicies', 'text', {
    apexHandler: 'extras.apexHandler',
    clientCredentialsFlowUser: 'extras.clientCredentialsUser',
    executeHandlerAs: 'extras.executeHandlerAs',
    ipRelaxationPolicyType: 'ipRelaxation',
    permittedUsersPolicyType: 'permittedUsers',
    policyAction: 'extras.policyAction',
    requiredSessionLevel: 'requiredSessionLevel',
    singleLogoutUrl: 'extras.policySingleLogoutUrl',
    startUrl: 'extras.oauthStartUrl',
  }),
  ...rows('oauthPolicies', 'integer', { sessionTimeoutInMinutes: 'sessionTimeoutMinutes' }),
  ...rows('oauthPolicies', 'boolean', {
    isClientCredentialsFlowEnabled: 'extras.clientCredentialsPolicy',
    isGuestCodeCredFlowEnabled: 'extras.guestCodeCredentialsPolicy',
    isTokenExchangeFlowEnabled: 'extras.tokenExchangePolicy',
  }),
  ...rows('oauthPolicies', 'comma list', {
    commaSeparatedCustomScopes: 'extras.policyCustomScopes',
    commaSeparatedPermissionSet: 'permissionSets',
    commaSeparatedProfile: 'profiles',
  }),
  ...rows('policies', 'text', { startUrl: 'extras.startUrl' }),
  ...rows('oauthSecurity', 'text', {
    tlsClientAuthCertParamType: 'extras.tlsCertificateField',
    tlsClientAuthCertParamValue: 'extras.tlsCertificateValue',
  }),
]

export type ListElementRow = { file: FileKind; element: string; field: string; parts: Readonly<Record<string, string>> }

const IP_RANGE_PARTS = { description: 'description', endIpAddress: 'end', startIpAddress: 'start' }

/** Elements that stand once per entry of a list; `parts` names the elements within and the member they hold. V as above. */
export const listElementTable: readonly ListElementRow[] = [
  { file: 'oauth', element: 'customAttributes', field: 'extras.customAttributes', parts: { formula: 'formula', key: 'key' } },
  { file: 'oauth', element: 'trustedIpRanges', field: 'extras.trustedIpRanges', parts: IP_RANGE_PARTS },
  { file: 'oauthPolicies', element: 'customAttributes', field: 'extras.policyCustomAttributes', parts: { formula: 'formula', key: 'key' } },
  { file: 'oauthSecurity', element: 'tokenIpRanges', field: 'tokenIpRanges', parts: IP_RANGE_PARTS },
]

/** Elements that Salesforce writes itself or that belong to one org, with what to do about them; they hold no option. */
export const foreignElements: Readonly<Record<string, string>> = {
  consumerKey: 'Take the consumer key out of the file: it belongs in Hawser, and the file ends up in version control.',
  consumerSecret: 'Take the consumer secret out of the file and rotate it: it belongs in Hawser alone.',
  oauthLink: 'Take it out: it ties the app to the consumer of the org it was retrieved from.',
  orgScopedExternalApp: 'Take it out: it names the org the app was retrieved from.',
  shouldRotateConsumerKey: 'Take it out: it is a command that changes the key at every deployment.',
  shouldRotateConsumerSecret: 'Take it out: it is a command that changes the secret at every deployment.',
}
