import fc from 'fast-check'
import { salesforceScopes, scopesKnownByTokenOnly } from '../scopes.ts'
import { DISTRIBUTIONS, FLOWS, IP_RELAXATIONS, PERMITTED_USERS, SESSION_LEVELS, VALIDITY_UNITS } from './app-options.ts'

/** What the seed's files were made of. */
export const acme = {
  label: 'Acme Sync',
  contactEmail: 'integrations@example.com',
  callbackUrls: ['https://api.example.com/oauth/callback'],
}

const line = fc
  .string({ maxLength: 60, unit: 'grapheme' })
  .filter((text) => /^[^\p{C}\p{Z}]/u.test(text) && !/[\p{Cc}\p{Cs}\uFFFE\uFFFF]|\p{Zl}|\p{Zp}/u.test(text))
const nasty = fc.constantFrom(
  '<b>&amp;</b>',
  ']]>',
  '&#169; & "x"',
  "it's",
  '\u{1F980} ünïcode',
  '<!-- -->',
  '<![CDATA[x]]>',
  '--',
  '\u00A0x',
)
const text = fc.oneof(line, nasty)
const name = text.filter((value) => !value.includes(','))
const path = fc.stringMatching(/^[a-z0-9/?=&-]{0,20}$/)
const url = fc.tuple(fc.domain(), path).map(([host, rest]) => `https://${host}/${rest}`)
const apiName = fc.stringMatching(/^[A-Za-z]([A-Za-z0-9]|_[A-Za-z0-9]){0,15}$/)
const ipRange = fc
  .tuple(fc.nat(255), fc.nat(250), fc.nat(5), fc.option(text, { nil: undefined }))
  .map(([block, first, more, description]) => ({
    start: `198.51.${block}.${first}`,
    end: `198.51.${block}.${first + Math.min(more, 3)}`,
    ...(description === undefined ? {} : { description }),
  }))
const attribute = fc.record({ key: text, formula: text })
const attributes = fc.uniqueArray(attribute, { selector: ({ key }) => key.trim(), minLength: 1, maxLength: 3 })
const names = fc.uniqueArray(name, { minLength: 1, maxLength: 3 })
const flag = fc.boolean()

const refreshTokens = fc.oneof(
  fc.record({ policy: fc.constantFrom('infinite', 'zero') }),
  fc.record({
    policy: fc.constantFrom('lifetime', 'inactivity'),
    period: fc.integer({ min: 1, max: 9999 }),
    unit: fc.constantFrom(...VALIDITY_UNITS),
  }),
)

const extras = fc.record(
  {
    certificate: fc.constant('-----BEGIN CERTIFICATE-----\nMIIB\nAAAA\n-----END CERTIFICATE-----'),
    idTokenAudience: text,
    idTokenAttributes: flag,
    idTokenCustomPermissions: flag,
    idTokenStandardClaims: flag,
    idTokenValidityMinutes: fc.integer({ min: 1, max: 720 }),
    codeCredentialsPostOnly: flag,
    introspectAllTokens: flag,
    secretForTokenExchange: flag,
    namedUserJwt: flag,
    dpop: flag,
    mtls: flag,
    assetTokenAudiences: text,
    assetTokenAttributes: flag,
    assetTokenCustomPermissions: flag,
    assetTokenSigningCertificate: text,
    assetTokenValidity: fc.integer({ min: 1, max: 100_000 }),
    clientAssertionCertificate: text,
    singleLogoutUrl: url,
    customScopes: names,
    customAttributes: attributes,
    trustedIpRanges: fc.array(ipRange, { minLength: 1, maxLength: 3 }),
    clientCredentialsUser: text,
    clientCredentialsPolicy: flag,
    guestCodeCredentialsPolicy: flag,
    tokenExchangePolicy: flag,
    policyAction: fc.constantFrom('Block', 'RaiseSessionLevel', 'StepUpMFA'),
    policySingleLogoutUrl: url,
    policyCustomScopes: names,
    policyCustomAttributes: attributes,
    oauthStartUrl: url,
    apexHandler: text,
    executeHandlerAs: text,
    startUrl: url,
    tlsCertificateField: fc.constantFrom('tls_client_auth_subject_dn', 'tls_client_auth_san_ip'),
    tlsCertificateValue: text,
  },
  { requiredKeys: [] },
)

/** Input of `checkAppOptions` that it accepts, with every member there or not. */
export const arbitraryAppInput = fc.record(
  {
    label: text,
    apiName,
    contactEmail: fc.constantFrom('a@example.com', "o'neil+x@sub.example.org"),
    contactPhone: fc.constantFrom('+49 (0)30 123-4', '5551234'),
    infoUrl: url,
    logoUrl: url,
    iconUrl: url,
    description: fc.oneof(
      text,
      fc.tuple(text, text).map((lines) => lines.join('\n')),
    ),
    distribution: fc.constantFrom(...DISTRIBUTIONS),
    callbackUrls: fc.uniqueArray(url, { minLength: 1, maxLength: 3 }),
    scopes: fc.uniqueArray(fc.constantFrom(...salesforceScopes.map(({ scope }) => scope), ...scopesKnownByTokenOnly), {
      minLength: 1,
      maxLength: 5,
    }),
    flows: fc.record(Object.fromEntries(FLOWS.map((flow) => [flow, flag])), { requiredKeys: [] }),
    pkce: flag,
    secretForWebServerFlow: flag,
    secretForRefreshFlow: flag,
    rotation: flag,
    idleLimit: flag,
    refreshTokens,
    sessionTimeoutMinutes: fc.integer({ min: 1, max: 2000 }),
    requiredSessionLevel: fc.constantFrom(...SESSION_LEVELS),
    ipRelaxation: fc.constantFrom(...IP_RELAXATIONS),
    permittedUsers: fc.constantFrom(...PERMITTED_USERS),
    permissionSets: names,
    profiles: names,
    tokenIpRanges: fc.array(ipRange, { minLength: 1, maxLength: 5 }),
    extras,
  },
  { requiredKeys: ['label', 'apiName', 'contactEmail', 'callbackUrls'] },
)

/** The seed: what Setup makes of the guide's clicks, by path in an sfdx project. Source: seed of the facts (EXP: accepted by Salesforce's own tooling offline). */
export const seedFiles: Readonly<Record<string, Record<string, string>>> = {
  'externalClientApps/Acme_Sync.eca-meta.xml': {
    contactEmail: 'integrations@example.com',
    description: 'Acme Sync integration',
    distributionState: 'Local',
    isProtected: 'false',
    label: 'Acme Sync',
  },
  'extlClntAppGlobalOauthSets/Acme_Sync_glbloauth.ecaGlblOauth-meta.xml': {
    callbackUrl: 'https://api.example.com/oauth/callback',
    externalClientApplication: 'Acme_Sync',
    isClientCredentialsFlowEnabled: 'false',
    isCodeCredFlowEnabled: 'true',
    isConsumerSecretOptional: 'false',
    isDeviceFlowEnabled: 'false',
    isPkceRequired: 'true',
    isSecretRequiredForRefreshToken: 'true',
    label: 'Acme_Sync_glbloauth',
  },
  'extlClntAppOauthSettings/Acme_Sync_oauth.ecaOauth-meta.xml': {
    commaSeparatedOauthScopes: 'Api, RefreshToken',
    externalClientApplication: 'Acme_Sync',
    label: 'Acme_Sync_oauth',
  },
  'extlClntAppOauthPolicies/Acme_Sync_oauthPlcy.ecaOauthPlcy-meta.xml': {
    externalClientApplication: 'Acme_Sync',
    ipRelaxationPolicyType: 'Enforce',
    label: 'Acme_Sync_oauthPlcy',
    permittedUsersPolicyType: 'AllSelfAuthorized',
    refreshTokenPolicyType: 'Infinite',
    requiredSessionLevel: 'STANDARD',
  },
  'extlClntAppPolicies/Acme_Sync_plcy.ecaPlcy-meta.xml': {
    externalClientApplication: 'Acme_Sync',
    isEnabled: 'true',
    isOauthPluginEnabled: 'true',
    label: 'Acme_Sync_plcy',
    startPage: 'None',
  },
}
