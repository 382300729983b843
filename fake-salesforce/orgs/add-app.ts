import type { App, AppFlags, AppPolicy, Consumer, State } from '../state.ts'
import { randomWord } from '../random.ts'
import { orgByKey } from './add-org.ts'

export type AppSpec = { orgKey: string; developerName: string } & Partial<
  Omit<App, 'orgKey' | 'developerName' | 'flags' | 'policy' | 'consumers' | 'createdAt' | 'propagationUntil'>
> & { flags?: Partial<AppFlags>; policy?: Partial<AppPolicy>; consumerKey?: string; consumerSecret?: string }

const DEFAULT_FLAGS: AppFlags = {
  pkceRequired: true,
  secretRequiredWeb: true,
  secretRequiredRefresh: true,
  rotation: false,
  reuseKillsFamily: true,
  enforceTtl30d: false,
  clientCredentials: false,
  introspectAll: false,
  jwtAccessTokens: false,
}

const DEFAULT_POLICY: AppPolicy = {
  permittedUsers: 'AllSelfAuthorized',
  preauthorized: [],
  ipRelaxation: 'Enforce',
  rtPolicy: 'Infinite',
  rtPeriod: 365,
  rtUnit: 'Days',
  sessionTimeoutMin: null,
  runAs: null,
}

export function newConsumer(state: State, key?: string, secret?: string): Consumer {
  return {
    id: state.ids.next('888'),
    key: key ?? `3MVG9${randomWord(state.random, 80)}`,
    secret: secret ?? state.random(32).toString('hex').toUpperCase(),
    state: 'Active',
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
    consumers: [newConsumer(state, consumerKey, consumerSecret)],
    callbackUrls: [],
    scopes: ['api', 'refresh_token', 'id', 'openid'],
    certificatePem: null,
    tokenIpRanges: [],
    ...given,
    flags: { ...DEFAULT_FLAGS, ...flags },
    policy: { ...DEFAULT_POLICY, ...policy },
  }
  state.apps.set(app.developerName, app)
  return app
}

function appWithKey(state: State, key: string): App | undefined {
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

/** Adds a staged consumer; `promoteConsumer` makes it the active one, as Setup's "Stage" and "Rotate" do. */
export function stageConsumer(state: State, developerName: string): Consumer {
  const consumer: Consumer = { ...newConsumer(state), state: 'Staged' }
  appByName(state, developerName).consumers.push(consumer)
  return consumer
}

export function promoteConsumer(state: State, developerName: string): void {
  const app = appByName(state, developerName)
  const staged = app.consumers.find((consumer) => consumer.state === 'Staged')
  if (staged === undefined) throw new Error('no staged consumer')
  for (const consumer of app.consumers) consumer.state = consumer === staged ? 'Active' : 'Rotated'
}
