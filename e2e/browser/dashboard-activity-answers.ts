/** Operations, issues and webhooks in every state, as the endpoints would tell them; new operations come when a test says so. */
import type { Role } from '@hawser/api/roles.ts'
import { DIAGNOSIS, listedConnection } from './dashboard-connection-answers.ts'
import { stubAnswers } from './dashboard-stub-answers.ts'
import { ago } from './stub-time.ts'
import { Refusal, type Answers } from './stub-api.ts'

export const idOf = (number: number): string => `0193f0a0-0000-7000-8000-${String(number).padStart(12, '0')}`

/** `number` counts into the past. */
export function operationOf(number: number) {
  const kinds = ['call', 'call', 'refresh', 'call', 'sign_in', 'webhook', 'change', 'connection'] as const
  const kind = kinds[number % kinds.length]!
  const failed = number % 4 === 3
  const actions = {
    call: 'proxy',
    refresh: 'refresh',
    sign_in: 'connect',
    webhook: 'issue.opened',
    change: 'integration.updated',
    connection: 'connection.imported',
  }
  const isCall = kind === 'call'
  return {
    id: idOf(1_000_000 - number),
    at: new Date(Date.parse(ago(0)) - number * 7_000).toISOString(),
    kind,
    action: actions[kind],
    outcome: failed ? ('failure' as const) : ('success' as const),
    status: isCall ? (failed ? (number % 8 === 3 ? 404 : 503) : 200) : kind === 'refresh' ? 200 : null,
    duration_ms: 80 + (number % 13) * 31,
    integration: listedConnection(number % 20).provider_config_key,
    connection_id: `conn-${String(number % 20).padStart(6, '0')}`,
    end_user_id: `user-${number % 20}`,
    actor: { kind: isCall ? ('key' as const) : ('system' as const), id: isCall ? 'hws_dev_4f2a' : null },
    method: isCall ? 'GET' : null,
    host: isCall ? 'acme--uat.sandbox.my.salesforce.com' : null,
    path: isCall ? `/services/data/v66.0/sobjects/Account/describe?page=${number}` : null,
    error: failed
      ? { code: isCall ? 'NOT_FOUND' : 'sf-grant-revoked', title: isCall ? 'The requested resource does not exist' : DIAGNOSIS.title }
      : null,
  }
}

function wholeOperation(number: number) {
  const operation = operationOf(number)
  const failed = operation.outcome === 'failure'
  const endedAt = Date.parse(operation.at)
  const at = (before: number) => new Date(endedAt - before).toISOString()
  return {
    ...operation,
    request_headers: failed ? { accept: 'application/json', 'user-agent': 'acme-sync/4.2' } : {},
    response_headers: failed ? { 'content-type': 'application/json;charset=UTF-8', 'sforce-limit-info': 'api-usage=83211/100000' } : {},
    response_body: failed ? '[{"message":"The requested resource does not exist","errorCode":"NOT_FOUND"}]' : null,
    error_message: failed ? 'The requested resource does not exist' : null,
    diagnosis: failed ? DIAGNOSIS : null,
    messages: [
      {
        at: at(operation.duration_ms),
        level: 'info' as const,
        text: `${operation.method ?? 'POST'} https://acme.example${operation.path ?? '/'}`,
      },
      { at: at(40), level: 'warn' as const, text: 'The access token was refused; it was renewed and the request sent again' },
      { at: operation.at, level: failed ? ('error' as const) : ('info' as const), text: failed ? 'Failed: NOT_FOUND' : 'Answered 200' },
    ],
  }
}

const DELIVERY_STATES = ['delivered', 'delivered', 'given_up', 'waiting'] as const
const TYPES = ['auth', 'issue.opened', 'connection.sandbox_refreshed', 'issue.resolved'] as const

export function deliveryOf(number: number, more: object = {}) {
  const state = DELIVERY_STATES[number % DELIVERY_STATES.length]!
  return {
    id: idOf(2_000_000 - number),
    type: TYPES[number % TYPES.length]!,
    state,
    connection_id: 'conn-000003',
    integration: 'salesforce-sandbox',
    url: 'https://product.example.com/hooks/hawser?token=***',
    attempts: state === 'delivered' ? 1 : state === 'waiting' ? 3 : 12,
    created_at: ago(number * 11 + 1),
    delivered_at: state === 'delivered' ? ago(number * 11) : null,
    given_up_at: state === 'given_up' ? ago(number) : null,
    next_attempt_at: state === 'waiting' ? ago(-9) : null,
    replayed_at: null,
    last_status: state === 'delivered' ? 204 : 503,
    last_error: state === 'delivered' ? null : 'webhook-server-error: Your server answered with an error (503)',
    ...more,
  }
}

function issueOf(number: number, closed: boolean) {
  const { connection_id, provider_config_key, provider, end_user } = listedConnection(number)
  const isSandbox = number % 5 === 4
  return {
    id: idOf(3_000_000 - number),
    kind: isSandbox ? 'sandbox_refreshed' : 'refresh_failed',
    connection_id,
    provider_config_key,
    provider,
    end_user,
    diagnosis: isSandbox
      ? { ...DIAGNOSIS, code: 'sf-sandbox-refreshed', actor: 'customer_admin', title: 'The sandbox was refreshed', fix: ['Reconnect.'] }
      : { ...DIAGNOSIS, evidence: { status: 400, host: `org${number}.my.salesforce.com` } },
    opened_at: ago(number * 40 + 42),
    last_seen_at: ago(number + 4),
    closed_at: closed ? ago(2) : null,
    count: 1 + (number % 3),
    ...(closed
      ? {}
      : {
          reconnect: {
            method: 'POST',
            path: '/connect/sessions/reconnect',
            body: { connection_id, integration_id: provider_config_key },
          },
        }),
  }
}

export interface ActivityStub {
  answers: Answers
  /** What the live tail finds next; earliest first. */
  arrives: (...operations: object[]) => void
}

/** `isEmpty`: of an environment that nobody used yet. */
export function activityAnswers({ role = 'owner' as Role, isEmpty = false, operations = 2_000, issues = 14 } = {}): ActivityStub {
  const fresh: { row: object; number: number }[] = []
  let tests = 0
  const answers: Answers = {
    ...stubAnswers({ role, rows: isEmpty ? 0 : 20 }),
    listActivity: ({ query }) => {
      const count = isEmpty ? 0 : operations
      const latest = idOf(fresh.length)
      if (query['after'] !== undefined) {
        const known = Number(query['after'].slice(-12))
        return { operations: fresh.slice(known).map(({ row }) => row), next: null, latest }
      }
      if (query['search'] === 'rare') {
        const isFirst = query['cursor'] === undefined
        return { operations: isFirst ? [] : [operationOf(3)], next: isFirst ? idOf(5) : null, latest }
      }
      const from = query['cursor'] === undefined ? 0 : 1_000_000 - Number(query['cursor'].slice(-12)) + 1
      const limit = Number(query['limit'] ?? 50)
      const all = Array.from({ length: Math.max(0, Math.min(limit, count - from)) }, (_, index) => operationOf(from + index))
      const wanted = all.filter(
        ({ kind, outcome, connection_id: connection }) =>
          (query['kind'] === undefined || query['kind'].split(',').includes(kind)) &&
          (query['outcome'] === undefined || query['outcome'] === outcome) &&
          (query['connection'] === undefined || query['connection'] === connection),
      )
      return { operations: wanted, next: from + limit < count ? idOf(1_000_000 - from - limit + 1) : null, latest }
    },
    getActivity: ({ params }) => {
      const number = 1_000_000 - Number(params['operationId']!.slice(-12))
      if (number > operations || number < 0) throw new Refusal(404, 'not_found')
      return { data: wholeOperation(number) }
    },
    listIssues: ({ query }) => {
      const closed = query['state'] === 'closed'
      const all = Array.from({ length: isEmpty || closed ? (closed && !isEmpty ? 3 : 0) : issues }, (_, index) => issueOf(index, closed))
      const wanted = all.filter(
        (issue) =>
          (query['kind'] === undefined || issue.kind === query['kind']) &&
          (query['integration'] === undefined || issue.provider_config_key === query['integration']) &&
          (query['connectionId'] === undefined || issue.connection_id === query['connectionId']),
      )
      return { issues: wanted, next: null }
    },
    createReconnectSession: ({ body }) => ({
      data: {
        token: 't',
        connect_link: `https://hawser.example.com/connect-ui/?session_token=${String(body['connection_id'])}`,
        expires_at: ago(-30),
      },
    }),
    // As the server: the key is told only when it is asked for.
    getEnvironment: ({ headers }) => ({
      data: {
        name: 'dev',
        callback_url: 'https://hawser.example.com/oauth/callback',
        webhook_url: isEmpty ? null : 'https://product.example.com/hooks/hawser',
        webhook_signing_key:
          headers['hawser-reveal'] === 'true' && ['owner', 'developer'].includes(role) ? 'whsec_c3R1YmJlZC1zaWduaW5nLWtleQ==' : null,
        refused_org_kinds: [],
        connect_ui: { logo: null, default_theme: 'system', light_primary: null, dark_primary: null, show_watermark: true },
      },
    }),
    listDeliveries: ({ query }) => {
      const all = Array.from({ length: isEmpty ? 0 : 12 }, (_, index) => deliveryOf(index))
      return { deliveries: all.filter(({ state }) => query['state'] === undefined || state === query['state']), next: null }
    },
    getDelivery: ({ params }) => wholeDelivery(2_000_000 - Number(params['deliveryId']!.slice(-12))),
    replayDelivery: ({ params }) => ({
      data: deliveryOf(2_000_000 - Number(params['deliveryId']!.slice(-12)), { state: 'waiting', next_attempt_at: ago(0) }),
    }),
    testWebhook: () => ({ data: deliveryOf(tests++, { type: 'webhook.test', state: 'waiting', attempts: 0, delivered_at: null }) }),
  }
  return { answers, arrives: (...rows) => void fresh.push(...rows.map((row, index) => ({ row, number: index }))) }
}

export function wholeDelivery(number: number, more: object = {}) {
  const delivery = deliveryOf(number, more)
  const failure = { code: 'webhook-server-error', title: 'Your server answered with an error' }
  const tries =
    delivery.state === 'delivered'
      ? [{ at: ago(5), status: 204, duration_ms: 61, error: null, answer: null }]
      : [1, 2, 3].map((at) => ({
          at: ago(90 - at * 20),
          status: 503,
          duration_ms: 900 + at,
          error: failure,
          answer: '<h1>Service Unavailable</h1>',
        }))
  const payload = {
    type: delivery.type,
    timestamp: ago(12),
    data: { connection_id: 'conn-000003', provider_config_key: 'salesforce-sandbox' },
  }
  return { data: { ...delivery, payload, tries } }
}
