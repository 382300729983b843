import { defaultKnobs } from '../knobs.ts'
import { appByName, rotateSecret } from '../orgs/add-app.ts'
import { orgByKey } from '../orgs/add-org.ts'
import { userByName } from '../orgs/add-user.ts'
import { expireSessions, killGrant } from '../orgs/end-access.ts'
import { sandboxRefresh } from '../orgs/sandbox-refresh.ts'
import { addPracticeApp, PRACTICE_APP, PRACTICE_ORG, PRACTICE_USER, type PracticeOptions } from './practice-org.ts'
import type { State } from '../state.ts'

/** What can be broken, and what one then sees; `repair` undoes all but the loss of refresh tokens, which nobody can undo. */
export const breakages = {
  session: 'Every session ends. The next call refreshes by itself.',
  rotation: 'An old refresh token was used, so the whole family is dead. Reconnect.',
  'not-installed': 'The app was uninstalled: authorizing ends on an error page, and its tokens are gone.',
  secret: "The app's secret was changed. Refreshing says invalid_client until the integration has the new one.",
  'app-deleted': 'The app is deleted. Refreshing and authorizing say invalid_client_id.',
  'sandbox-refresh': 'The sandbox was refreshed: same host, new org id, app and tokens gone.',
  'user-inactive': 'The user was deactivated. Refreshing says inactive user.',
  ip: 'The app admits other addresses only. Refreshing says ip restricted.',
  limit: 'The daily limit of API calls is used up.',
  outage: 'The next 20 requests get 503.',
  repair: 'Everything is back to normal. Where tokens were lost, reconnect.',
} as const

export type BreakKind = keyof typeof breakages

export function isBreakKind(kind: unknown): kind is BreakKind {
  return typeof kind === 'string' && Object.hasOwn(breakages, kind)
}

const OUTAGE_REQUESTS = 20

/** TEST-NET-2 (RFC 5737): an address that no client of the practice org has. */
const ELSEWHERE = { start: '198.51.100.1', end: '198.51.100.1' }

type Break = (state: State, practice: PracticeOptions) => void

const BREAKS: Record<BreakKind, Break> = {
  session: () => undefined,
  rotation: killAll,
  'not-installed': (state) => {
    const app = practiceApp(state)
    app.distribution = 'Packaged'
    app.installedIn = []
    killAll(state)
  },
  secret: (state) => void rotateSecret(state, practiceApp(state).developerName),
  'app-deleted': (state) => {
    practiceApp(state).deleted = true
  },
  'sandbox-refresh': (state) => void sandboxRefresh(state, PRACTICE_ORG),
  'user-inactive': (state) => {
    userByName(state, PRACTICE_USER).active = false
  },
  ip: (state) => {
    practiceApp(state).tokenIpRanges = [ELSEWHERE]
  },
  limit: (state) => {
    const { limits } = orgByKey(state, PRACTICE_ORG)
    limits.windowStart = state.clock.now()
    limits.used = limits.max
  },
  outage: (state) => {
    state.knobs.fail503Times = OUTAGE_REQUESTS
  },
  repair,
}

/** A live session would hide these until it ends by itself. */
const ENDS_SESSIONS = new Set<BreakKind>(['session', 'secret', 'app-deleted', 'ip'])

/** Breaks the practice org, or repairs it. `practice` are the options it was started with. */
export function breakPractice(state: State, practice: PracticeOptions, kind: BreakKind): void {
  BREAKS[kind](state, practice)
  if (ENDS_SESSIONS.has(kind)) expireSessions(state, PRACTICE_ORG)
}

function practiceApp(state: State) {
  if (!state.apps.has(PRACTICE_APP)) throw new Error('the app is gone; repair first')
  return appByName(state, PRACTICE_APP)
}

function killAll(state: State): void {
  for (const grant of [...state.grants.values()]) if (grant.orgKey === PRACTICE_ORG) killGrant(state, grant)
}

function repair(state: State, practice: PracticeOptions): void {
  const app = state.apps.get(PRACTICE_APP) ?? addPracticeApp(state, practice)
  app.deleted = false
  app.distribution = 'Local'
  app.tokenIpRanges = []
  const consumer = app.consumers[0]
  if (consumer !== undefined && practice.consumerSecret !== undefined) consumer.secret = practice.consumerSecret
  userByName(state, PRACTICE_USER).active = true
  orgByKey(state, PRACTICE_ORG).limits.used = 0
  Object.assign(state.knobs, { ...defaultKnobs(), pageSize: state.knobs.pageSize, clientAddress: state.knobs.clientAddress })
}
