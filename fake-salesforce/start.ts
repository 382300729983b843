import { createMovableClock } from './clock.ts'
import { answerControl } from './control/answer-control.ts'
import { setValue } from './control/set-value.ts'
import type { FakeSalesforce, FakeSalesforceOptions } from './fake-salesforce.ts'
import { addApp, appOfOrg, promoteConsumer, rotateSecret, stageConsumer } from './orgs/add-app.ts'
import { addOrg, orgByKey } from './orgs/add-org.ts'
import { addRecords } from './orgs/add-records.ts'
import { addUser, userByName } from './orgs/add-user.ts'
import { expireSessions, revokeUser } from './orgs/end-access.ts'
import {
  changePassword,
  deactivateUser,
  deleteOrg,
  migrateOrg,
  outage,
  removeAppByName,
  renameMyDomain,
  revokeApproval,
} from './orgs/org-life.ts'
import { sandboxRefresh } from './orgs/sandbox-refresh.ts'
import { breakPractice } from './practice/break-practice.ts'
import { openStateFile, type StateFile } from './practice/state-file.ts'
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
    isPractice: seed === 'practice',
    banner: seed === 'practice' ? PRACTICE_BANNER : 'This is a fake for tests, not Salesforce',
    origins: topology.origins,
    log: createRequestLog(),
    decision: approval === 'page' ? 'ask' : 'allow',
  })
  const callbackUrls = options.callbackUrls ?? DEFAULT_CALLBACKS
  const practice = seed === 'practice' ? openPractice(state, callbackUrls, options.practice) : undefined
  if (seed === 'scenario') seedScenario(state, callbackUrls)
  const controlToken = options.controlToken ?? random(24).toString('base64url')
  const fake = fakeOf(state, topology, practice, controlToken)
  const changed = (): void => practice?.changed()
  try {
    await topology.open(state, (incoming) => answerControl(fake, incoming), changed)
  } catch (error) {
    await topology.close()
    throw error
  }
  changed()
  return fake
}

/** Seeds the practice org; what its state file remembers takes the seed's place. Nothing is written yet: the port may be taken. */
function openPractice(state: State, callbackUrls: string[], options: FakeSalesforceOptions['practice'] = {}): StateFile {
  const seeded: Required<PracticeOptions> = {
    callbackUrls,
    consumerKey: options.consumerKey ?? `3MVG9${randomWord(state.random, 80)}`,
    consumerSecret: options.consumerSecret ?? state.random(32).toString('hex').toUpperCase(),
  }
  seedPractice(state, seeded)
  const { stateFile: path, onWarning = (line: string) => process.emitWarning(line, 'FakeSalesforce') } = options
  if (path === undefined) return { practice: seeded, changed: () => undefined, close: () => undefined }
  return openStateFile(state, { path, asked: options, seeded, onWarning })
}

function fakeOf(state: State, topology: Topology, practice: StateFile | undefined, controlToken: string): FakeSalesforce {
  /** The same function, after which the state is written soon. */
  const saved =
    <Given extends unknown[], Result>(act: (...given: Given) => Result) =>
    (...given: Given): Result => {
      try {
        return act(...given)
      } finally {
        practice?.changed()
      }
    }
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
    practice: practice?.practice,
    advance: saved((ms) => state.clock.advance(ms)),
    addOrg: saved(async (spec) => {
      const org = addOrg(state, spec)
      await topology.openOrg(org.key)
      return org
    }),
    addUser: saved((spec) => addUser(state, spec)),
    addApp: saved((spec) => addApp(state, spec)),
    addRecords: saved((orgKey, typeName, records) => addRecords(state, orgKey, typeName, records)),
    set: saved((path, value) => setValue(state, path, value)),
    expireSessions: saved((orgKey) => expireSessions(state, orgKey)),
    revokeUser: saved((username) => revokeUser(state, username)),
    rotateSecret: saved((developerName) => rotateSecret(state, developerName)),
    stageConsumer: saved((developerName) => stageConsumer(state, developerName)),
    promoteConsumer: saved((developerName) => promoteConsumer(state, developerName)),
    sandboxRefresh: saved((orgKey, options) => sandboxRefresh(state, orgKey, options)),
    renameMyDomain: saved((orgKey, name, formerHost) => renameMyDomain(state, orgKey, name, formerHost)),
    migrateOrg: saved((orgKey, instanceName) => migrateOrg(state, orgKey, instanceName)),
    deleteOrg: saved((orgKey, host) => deleteOrg(state, orgKey, host)),
    outage: saved((given) => outage(state, given)),
    removeApp: saved((developerName) => removeAppByName(state, developerName)),
    deactivateUser: saved((username) => deactivateUser(state, username)),
    changePassword: saved((username, revokeTokens) => changePassword(state, username, revokeTokens)),
    revokeApproval: saved((username, developerName) => revokeApproval(state, username, developerName)),
    appOf: (orgKey, apiName) => appOfOrg(state, orgKey, apiName),
    answerNext: (where, error) => void (state.nextAnswers[where] as unknown[]).push(error),
    consent({ decision, user, org }) {
      if (user !== undefined) state.browser.username = userByName(state, user).username
      if (org !== undefined) state.browser.orgKey = orgByKey(state, org).key
      state.browser.decision = decision
    },
    breakPractice: saved((kind) => {
      if (practice === undefined) throw new Error('only the practice org can be broken')
      breakPractice(state, practice.practice, kind)
    }),
    async close() {
      await topology.close()
      practice?.close()
    },
  }
}
