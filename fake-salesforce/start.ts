import { createMovableClock } from './clock.ts'
import { answerControl } from './control/answer-control.ts'
import { setValue } from './control/set-value.ts'
import type { FakeSalesforce, FakeSalesforceOptions } from './fake-salesforce.ts'
import { addApp, promoteConsumer, rotateSecret, stageConsumer } from './orgs/add-app.ts'
import { addOrg, orgByKey } from './orgs/add-org.ts'
import { addRecords } from './orgs/add-records.ts'
import { addUser, userByName } from './orgs/add-user.ts'
import { expireSessions, revokeUser } from './orgs/end-access.ts'
import { sandboxRefresh } from './orgs/sandbox-refresh.ts'
import { breakPractice } from './practice/break-practice.ts'
import { PRACTICE_BANNER, seedPractice, type PracticeOptions } from './practice/practice-org.ts'
import { createRandom, randomWord } from './random.ts'
import { createRequestLog } from './request-log.ts'
import { seedScenario } from './scenario.ts'
import { createState, type State } from './state.ts'
import { openTopology, type Topology } from './topology.ts'

export type { Consent, FakeSalesforce, FakeSalesforceOptions, PortRole } from './fake-salesforce.ts'

const DEFAULT_CALLBACKS = ['http://localhost:3003/oauth/callback']

/**
 * Starts a fake Salesforce on loopback.
 *
 * @example
 * const fake = await startFakeSalesforce({ seed: 'scenario', tls })
 * const { key, secret } = fake.state.apps.get('hawser_acme_uat').consumers[0]
 * // requests to 127.0.0.1:fake.port with `Host: acme--uat.sandbox.my.salesforce.com`
 * await fake.close()
 */
export async function startFakeSalesforce(options: FakeSalesforceOptions = {}): Promise<FakeSalesforce> {
  const seed = options.seed ?? 'scenario'
  const random = createRandom(options.randomSeed)
  const approval = options.approval ?? (seed === 'practice' ? 'page' : 'automatic')
  const topology: Topology = openTopology(options)
  const state = createState({
    clock: createMovableClock(options.clock ?? { now: () => Date.now() }),
    random,
    banner: seed === 'practice' ? PRACTICE_BANNER : 'This is a fake for tests, not Salesforce',
    origins: topology.origins,
    log: createRequestLog(),
    decision: approval === 'page' ? 'ask' : 'allow',
  })
  const callbackUrls = options.callbackUrls ?? DEFAULT_CALLBACKS
  const practice: Required<PracticeOptions> | undefined =
    seed === 'practice'
      ? {
          callbackUrls,
          consumerKey: options.practice?.consumerKey ?? `3MVG9${randomWord(random, 80)}`,
          consumerSecret: options.practice?.consumerSecret ?? random(32).toString('hex').toUpperCase(),
        }
      : undefined
  if (practice !== undefined) seedPractice(state, practice)
  if (seed === 'scenario') seedScenario(state, callbackUrls)
  const controlToken = options.controlToken ?? random(24).toString('base64url')
  const fake = fakeOf(state, topology, practice, controlToken)
  try {
    await topology.open(state, (incoming) => answerControl(fake, incoming))
  } catch (error) {
    await topology.close()
    throw error
  }
  return fake
}

function fakeOf(state: State, topology: Topology, practice: Required<PracticeOptions> | undefined, controlToken: string): FakeSalesforce {
  return {
    state,
    log: state.log,
    get port() {
      return topology.port()
    },
    url: (role) => topology.url(role),
    urls: () => topology.urls(),
    get controlUrl() {
      return `${topology.controlOrigin()}/__/${controlToken}`
    },
    controlToken,
    practice,
    advance: (ms) => state.clock.advance(ms),
    async addOrg(spec) {
      const org = addOrg(state, spec)
      await topology.openOrg(org.key)
      return org
    },
    addUser: (spec) => addUser(state, spec),
    addApp: (spec) => addApp(state, spec),
    addRecords: (orgKey, typeName, records) => addRecords(state, orgKey, typeName, records),
    set: (path, value) => setValue(state, path, value),
    expireSessions: (orgKey) => expireSessions(state, orgKey),
    revokeUser: (username) => revokeUser(state, username),
    rotateSecret: (developerName) => rotateSecret(state, developerName),
    stageConsumer: (developerName) => stageConsumer(state, developerName),
    promoteConsumer: (developerName) => promoteConsumer(state, developerName),
    sandboxRefresh: (orgKey, options) => sandboxRefresh(state, orgKey, options),
    consent({ decision, user, org }) {
      if (user !== undefined) state.browser.username = userByName(state, user).username
      if (org !== undefined) state.browser.orgKey = orgByKey(state, org).key
      state.browser.decision = decision
    },
    breakPractice(kind) {
      if (practice === undefined) throw new Error('only the practice org can be broken')
      breakPractice(state, practice, kind)
    },
    close: () => topology.close(),
  }
}
