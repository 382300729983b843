import { timingSafeEqual } from 'node:crypto'
import type { FakeSalesforce } from '../fake-salesforce.ts'
import type { Incoming } from '../incoming.ts'
import { json, type Reply } from '../reply.ts'
import type { State } from '../state.ts'
import { breakages, isBreakKind } from '../practice/break-practice.ts'
import { bodyOf, oneOf, optional, optionalNumber, text, type Body } from './body.ts'
import { ControlError } from './control-error.ts'
import { createApp, createOrg, createRecords, createUser } from './create.ts'
import { viewOf } from './view.ts'

type Action = (fake: FakeSalesforce, body: Body) => unknown

/** `POST /__/<name>` */
const ACTIONS: Record<string, Action> = {
  orgs: createOrg,
  users: createUser,
  apps: createApp,
  records: createRecords,
  consent: (fake, body) => {
    const decision = text(body, 'decision')
    if (decision !== 'allow' && decision !== 'deny' && decision !== 'ask') throw new ControlError('"decision" is allow, deny or ask')
    fake.consent({ decision, ...optional(body, 'user'), ...optional(body, 'org') })
  },
  'expire-sessions': (fake, body) => ({ expired: fake.expireSessions(optional(body, 'org').org) }),
  'revoke-user': (fake, body) => ({ revoked: fake.revokeUser(text(body, 'user')) }),
  advance: (fake, body) => {
    const { ms } = body
    if (typeof ms !== 'number' || !Number.isFinite(ms) || ms < 0) throw new ControlError('"ms" is a number, 0 or more')
    fake.advance(ms)
    return { now: fake.state.clock.now() }
  },
  'sandbox-refresh': (fake, body) => {
    const { apps = 'wipe', copyMs = 0 } = body
    if (apps !== 'wipe' && apps !== 'copy-from-source' && apps !== 'keep')
      throw new ControlError('"apps" is wipe, copy-from-source or keep')
    if (typeof copyMs !== 'number' || !(copyMs >= 0)) throw new ControlError('"copyMs" is a number, 0 or more')
    return fake.sandboxRefresh(text(body, 'org'), { apps, copyMs })
  },
  'rename-my-domain': (fake, body) => ({
    host: fake.renameMyDomain(text(body, 'org'), text(body, 'name'), oneOf(body, 'formerHost', ['gone', 'redirect'])),
  }),
  'migrate-org': (fake, body) => fake.migrateOrg(text(body, 'org'), text(body, 'instanceName')),
  'delete-org': (fake, body) => fake.deleteOrg(text(body, 'org'), oneOf(body, 'host', ['answers', 'gone'])),
  outage: (fake, body) => fake.outage({ ...optionalNumber(body, 'requests'), ...optionalNumber(body, 'ms') }),
  'remove-app': (fake, body) => fake.removeApp(text(body, 'app')),
  'deactivate-user': (fake, body) => fake.deactivateUser(text(body, 'user')),
  'change-password': (fake, body) => fake.changePassword(text(body, 'user'), body['revokeTokens'] === true),
  'revoke-approval': (fake, body) => ({ revoked: fake.revokeApproval(text(body, 'user'), text(body, 'app')) }),
  set: (fake, body) => fake.set(text(body, 'path'), body['value']),
  'rotate-secret': (fake, body) => ({ secret: fake.rotateSecret(text(body, 'app')) }),
  'stage-consumer': (fake, body) => fake.stageConsumer(text(body, 'app')),
  'promote-consumer': (fake, body) => fake.promoteConsumer(text(body, 'app')),
  break: (fake, body) => {
    const { kind } = body
    if (!isBreakKind(kind)) throw new ControlError(`"kind" is one of ${Object.keys(breakages).join(', ')}`)
    fake.breakPractice(kind)
    return { kind, means: breakages[kind] }
  },
}

/** `GET /__/<name>` */
const VIEWS: Record<string, (state: State) => unknown> = {
  state: viewOf,
  log: (state) => ({ entries: state.log.entries, counts: state.log.counts }),
  kinds: () => breakages,
}

/** Answers the control API; 401 without its token, 400 for bad input, 404 for unknown names. */
export async function answerControl(fake: FakeSalesforce, incoming: Incoming): Promise<Reply> {
  const [first = '', ...rest] = incoming.path.slice('/__/'.length).replace(/\/$/, '').split('/')
  const byPath = same(first, fake.controlToken)
  const name = byPath ? rest.join('/') : [first, ...rest].join('/')
  if (!byPath && !same(incoming.headers.authorization ?? '', `Bearer ${fake.controlToken}`))
    return json(401, { error: 'the control token is missing or wrong' })
  try {
    if (incoming.method === 'GET' && Object.hasOwn(VIEWS, name)) return json(200, VIEWS[name]?.(fake.state))
    if (incoming.method === 'DELETE' && name === 'log') {
      fake.state.log.clear()
      return json(200, { ok: true })
    }
    if (!Object.hasOwn(ACTIONS, name) && !Object.hasOwn(VIEWS, name)) return json(404, { error: 'no such control' })
    if (incoming.method !== 'POST' || !Object.hasOwn(ACTIONS, name)) return json(405, { error: 'wrong method' })
    const result = await ACTIONS[name]?.(fake, bodyOf(incoming))
    return json(200, result ?? { ok: true })
  } catch (error) {
    // The functions behind the actions throw a plain Error for what their caller got wrong; anything else is our mistake.
    if (error instanceof ControlError || (error instanceof Error && error.constructor === Error)) return json(400, { error: error.message })
    throw error
  }
}

function same(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}
