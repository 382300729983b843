import type { App, AppFlags, AppPolicy, Consumer, State } from '../state.ts'
import { randomWord } from '../random.ts'
import { orgByKey } from './add-org.ts'

export type AppSpec = { orgKey: string; developerName: string } & Partial<
  Omit<App, 'orgKey' | 'developerName' | 'flags' | 'policy' | 'consumers' | 'createdAt' | 'propagationUntil'>
> & { flags?: Partial<AppFlags>; policy?: Partial<AppPolicy>; consumerKey?: string; consumerSecret?: string }

export const DEFAULT_FLAGS: AppFlags = {
  pkceRequired: true,
  secretRequiredWeb: true,
  secretRequiredRefresh: true,
  rotation: false,
  reuseKillsFamily: true,
  enforceTtl30d: false,
  clientCredentials: false,
  introspectAll: false,
  jwtAccessTokens: false,
  codeCred: false,
  codeCredPostOnly: false,
  device: false,
  tokenExchange: false,
  secretRequiredTokenExchange: false,
}

export const DEFAULT_POLICY: AppPolicy = {
  permittedUsers: 'AllSelfAuthorized',
  preauthorized: [],
  permissionSets: [],
  profiles: [],
  ipRelaxation: 'Enforce',
  rtPolicy: 'Infinite',
  rtPeriod: 365,
  rtUnit: 'Days',
  sessionTimeoutMin: null,
  requiredSessionLevel: 'STANDARD',
  clientCredentials: true,
  runAs: null,
}

export function newConsumer(state: State, key?: string, secret?: string): Consumer {
  return {
    id: state.ids.next('888'),
    key: key ?? `3MVG9${randomWord(state.random, 80)}`,
    secret: secret ?? state.random(32).toString('hex').toUpperCase(),
    state: 'Active',
    createdAt: state.clock.now(),
    validUntil: null,
  }
}

/** Registers an external client app (or, with `type: 'ca'`, a connected app) with one active consumer. */
export function addApp(state: State, spec: AppSpec): App {
  orgByKey(state, spec.orgKey)
  if (state.apps.has(spec.developerName)) throw new Error(`app "${spec.developerName}" exists`)
  const { consumerKey, consumerSecret, flags, policy, ...given } = spec
  if (consumerKey !== undefined && appWithKey(state, consumerKey) !== undefined) throw new Error('the consumer key is taken')
  const now = state.clock.now()
  const app: App = {
    type: 'eca',
    label: spec.developerName,
    distribution: 'Local',
    installedIn: [],
    createdAt: now,
    propagationUntil: now + state.knobs.propagationDelayMs,
    deleted: false,
    blocked: false,
    enabled: true,
    oauthEnabled: true,
    consumers: [newConsumer(state, consumerKey, consumerSecret)],
    callbackUrls: [],
    scopes: ['api', 'refresh_token', 'id', 'openid'],
    certificatePem: null,
    tokenIpRanges: [],
    metadata: {},
    ...given,
    flags: { ...DEFAULT_FLAGS, ...flags },
    policy: { ...DEFAULT_POLICY, ...policy },
  }
  state.apps.set(app.developerName, app)
  return app
}

export function appWithKey(state: State, key: string): App | undefined {
  return [...state.apps.values()].find((app) => app.consumers.some((consumer) => consumer.key === key))
}

export function appByName(state: State, developerName: string): App {
  const app = state.apps.get(developerName)
  if (app === undefined) throw new Error(`no app "${developerName}"`)
  return app
}

/** Replaces the secret of the app's first consumer and returns the new one. */
export function rotateSecret(state: State, developerName: string): string {
  const consumer = appByName(state, developerName).consumers[0]
  if (consumer === undefined) throw new Error('the app has no consumer')
  consumer.secret = state.random(32).toString('hex').toUpperCase()
  return consumer.secret
}

/** A staged key, and one that was rotated away, live so long. */
export const CREDENTIALS_LIVE_MS = 30 * 24 * 3_600_000

/** Adds a staged consumer; `promoteConsumer` makes it the active one, as Setup's "Stage" and "Rotate" do. Throws while one is staged. */
export function stageConsumer(state: State, developerName: string): Consumer {
  const app = appByName(state, developerName)
  dropExpired(state, app)
  if (app.consumers.some((one) => one.state === 'Staged')) throw new Error('one set of credentials is staged already')
  const staged: Consumer = { ...newConsumer(state), state: 'Staged', validUntil: state.clock.now() + CREDENTIALS_LIVE_MS }
  app.consumers.push(staged)
  return staged
}

/**
 * The staged key becomes the active one. The former one takes its place in the staged slot, and its id, and stays good for 30 days: the
 * active consumer keeps the id that it always had.
 */
export function promoteConsumer(state: State, developerName: string): void {
  const app = appByName(state, developerName)
  const staged = app.consumers.find((consumer) => isUsable(state, consumer) && consumer.state === 'Staged')
  if (staged === undefined) throw new Error('no staged consumer')
  const former = app.consumers.find((consumer) => consumer.state === 'Active')
  if (former !== undefined) {
    const { id } = former
    former.id = staged.id
    staged.id = id
    former.state = 'Rotated'
    former.validUntil = state.clock.now() + CREDENTIALS_LIVE_MS
  }
  staged.state = 'Active'
  staged.validUntil = null
  app.consumers = [staged, ...app.consumers.filter((consumer) => consumer !== staged)]
}

/** Whether authorize and token take the key: the active one, a staged one, and one that was rotated away, for 30 days. */
export function isUsable(state: State, consumer: Consumer): boolean {
  if (consumer.state === 'Expired') return false
  return consumer.validUntil === null || state.clock.now() < consumer.validUntil
}

/** Marks what is over, as its state is shown. */
export function dropExpired(state: State, app: App): void {
  for (const consumer of app.consumers) if (!isUsable(state, consumer)) consumer.state = 'Expired'
}

/** The name in its own org: two orgs may have apps of one name. */
export function apiNameOf(app: App): string {
  const suffix = `.${app.orgKey}`
  return app.developerName.endsWith(suffix) ? app.developerName.slice(0, -suffix.length) : app.developerName
}

/** The org's own app with this API name. */
export function appOfOrg(state: State, orgKey: string, apiName: string): App | undefined {
  return [...state.apps.values()].find(
    (app) => app.orgKey === orgKey && !app.deleted && apiNameOf(app).toLowerCase() === apiName.toLowerCase(),
  )
}
