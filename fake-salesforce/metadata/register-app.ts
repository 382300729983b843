import { addApp, appOfOrg, DEFAULT_FLAGS, DEFAULT_POLICY, newConsumer } from '../orgs/add-app.ts'
import { removeApp } from '../orgs/end-access.ts'
import { randomWord } from '../random.ts'
import type { App, Org, State } from '../state.ts'
import { callbackUrlsOf } from './check-components.ts'
import { ipRangesOf } from './ip-ranges.ts'
import type { Component } from './read-package.ts'
import { commaSeparated, scopeTokens } from './scope-tokens.ts'

type Fields = Record<string, unknown>

const APPLY: Record<string, (state: State, org: Org, app: App, fields: Fields) => void> = {
  ExternalClientApplication: applyHeader,
  ExtlClntAppGlobalOauthSettings: applyGlobal,
  ExtlClntAppOauthSettings: (_state, _org, app, fields) => {
    app.scopes = [...new Set(commaSeparated(fields['commaSeparatedOauthScopes']).map((token) => scopeTokens[token] ?? token))]
  },
  ExtlClntAppOauthConfigurablePolicies: (_state, _org, app, fields) => applyPolicies(app, fields),
  ExtlClntAppConfigurablePolicies: (_state, _org, app, fields) => {
    app.enabled = fields['isEnabled'] !== false
    app.oauthEnabled = fields['isOauthPluginEnabled'] !== false
  },
  ExtlClntAppOauthSecuritySettings: (_state, _org, app, fields) => {
    app.tokenIpRanges = ipRangesOf(fields['tokenIpRanges']).ranges
  },
}

/** Creates or changes an app by its components, which must be free of problems. What a component omits falls back to its default. */
export function registerApp(state: State, org: Org, name: string, components: Component[]): App {
  const existing = appOfOrg(state, org.key, name)
  const app = existing ?? createApp(state, org, name, components)
  for (const { type, fullName, fields } of components) {
    APPLY[type.name]?.(state, org, app, fields)
    const { consumerSecret: _secret, shouldRotateConsumerKey: _key, shouldRotateConsumerSecret: _rotate, ...kept } = fields
    app.metadata = { ...app.metadata, [type.name]: { fullName, fields: kept } }
  }
  return app
}

/** A new app as it is before any of its files speaks: without a policy file its policy is the default one, 365 days (V-obs). */
function createApp(state: State, org: Org, name: string, components: Component[]): App {
  const taken = state.apps.get(name)
  if (taken?.deleted === true && taken.orgKey === org.key) removeApp(state, taken)
  const global = components.find((one) => one.type.name === 'ExtlClntAppGlobalOauthSettings')?.fields
  const [key, secret] = [global?.['consumerKey'], global?.['consumerSecret']]
  const app = addApp(state, {
    orgKey: org.key,
    developerName: state.apps.has(name) ? `${name}.${org.key}` : name,
    scopes: [],
    policy: { rtPolicy: 'SpecificLifetime', clientCredentials: false },
    ...(typeof key === 'string' ? { consumerKey: key } : {}),
    ...(typeof secret === 'string' ? { consumerSecret: secret } : {}),
  })
  // Without OAuth settings there is nothing to sign in with.
  if (global === undefined) app.consumers = []
  return app
}

function applyHeader(_state: State, _org: Org, app: App, fields: Fields): void {
  app.label = textOf(fields['label']) ?? app.developerName
  app.distribution = fields['distributionState'] === 'Packaged' ? 'Packaged' : 'Local'
}

function applyGlobal(state: State, org: Org, app: App, fields: Fields): void {
  const on = (field: string): boolean => fields[field] === true
  app.callbackUrls = callbackUrlsOf(fields['callbackUrl'])
  app.certificatePem = pemOf(textOf(fields['certificate']))
  app.flags = {
    ...DEFAULT_FLAGS,
    pkceRequired: fields['isPkceRequired'] !== false || org.pkceAlwaysOn,
    secretRequiredWeb: !on('isConsumerSecretOptional'),
    secretRequiredRefresh: fields['isSecretRequiredForRefreshToken'] !== false,
    rotation: on('isRefreshTokenRotationEnabled'),
    enforceTtl30d: on('isEnforceRefreshTokenTTL'),
    clientCredentials: on('isClientCredentialsFlowEnabled'),
    introspectAll: on('isIntrospectAllTokens'),
    jwtAccessTokens: on('isNamedUserJwtEnabled'),
    codeCred: on('isCodeCredFlowEnabled'),
    codeCredPostOnly: on('isCodeCredPostOnly'),
    device: on('isDeviceFlowEnabled'),
    tokenExchange: on('isTokenExchangeEnabled'),
    secretRequiredTokenExchange: on('isSecretRequiredForTokenExchange'),
  }
  const consumer = app.consumers[0]
  if (consumer === undefined) {
    app.consumers = [newConsumer(state, textOf(fields['consumerKey']), textOf(fields['consumerSecret']))]
    return
  }
  if (on('shouldRotateConsumerKey')) consumer.key = `3MVG9${randomWord(state.random, 80)}`
  if (on('shouldRotateConsumerSecret')) consumer.secret = state.random(32).toString('hex').toUpperCase()
}

function applyPolicies(app: App, fields: Fields): void {
  const choice = <Value extends string>(field: string, fallback: Value): Value => (textOf(fields[field]) ?? fallback) as Value
  app.policy = {
    ...DEFAULT_POLICY,
    // Who was admitted by hand in the org is no part of the file.
    preauthorized: app.policy.preauthorized,
    permittedUsers: choice('permittedUsersPolicyType', 'AllSelfAuthorized'),
    permissionSets: commaSeparated(fields['commaSeparatedPermissionSet']),
    profiles: commaSeparated(fields['commaSeparatedProfile']),
    ipRelaxation: choice('ipRelaxationPolicyType', 'Enforce'),
    rtPolicy: choice('refreshTokenPolicyType', 'SpecificLifetime'),
    rtPeriod: numberOf(fields['refreshTokenValidityPeriod']) ?? DEFAULT_POLICY.rtPeriod,
    rtUnit: choice('refreshTokenValidityUnit', DEFAULT_POLICY.rtUnit),
    sessionTimeoutMin: numberOf(fields['sessionTimeoutInMinutes']) ?? null,
    requiredSessionLevel: choice('requiredSessionLevel', 'STANDARD'),
    clientCredentials: fields['isClientCredentialsFlowEnabled'] === true,
    runAs: textOf(fields['clientCredentialsFlowUser']) ?? null,
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** The file holds the body of a PEM, or all of it. */
function pemOf(text: string | undefined): string | null {
  if (text === undefined) return null
  return text.includes('-----BEGIN') ? text : `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`
}
