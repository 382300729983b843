/** An environment with connections in every state, as the endpoints would tell it. Times are relative to the start of the test. */
import { scopesOfRole, type Role } from '@hawser/api/roles.ts'
import type { Answers } from './stub-api.ts'

const MINUTE_MS = 60_000
export const ago = (minutes: number): string => new Date(Math.floor(Date.now() / MINUTE_MS - minutes) * MINUTE_MS).toISOString()

export function meAnswer(role: Role = 'owner') {
  return {
    data: {
      id: '0193f0a0-0000-7000-8000-000000000001',
      email: 'ada@example.com',
      name: 'Ada Example',
      second_factor: false,
      ways: ['password'],
      session_id: '0193f0a0-0000-7000-8000-000000000002',
      session_ends_at: ago(-600),
      confirmed_until: ago(-10),
      owner: role === 'owner',
      environments: [{ name: 'dev', role, scopes: [...scopesOfRole[role]] }],
    },
  }
}

export const DIAGNOSIS = {
  code: 'sf-grant-revoked',
  class: 'reconnect',
  actor: 'end_user',
  transient: false,
  title: 'The sign-in is no longer valid',
  cause: 'Salesforce answered the refresh with invalid_grant: the user or an administrator revoked the grant.',
  fix: ['Send the user a reconnect link.', 'Ask an administrator whether the app was blocked in the org.'],
  end_user_text: 'Please connect your Salesforce account again.',
  confidence: 'V-obs',
  source: 'Salesforce Help, "OAuth 2.0 error codes"',
  docs: '/guides/salesforce-errors#invalid_grant',
  evidence: { status: 400 },
}

const STATES = ['ok', 'ok', 'ok', 'broken', 'ok', 'ok', 'frozen', 'ok'] as const
const COMPANIES = ['Acme', 'Globex', 'Initech', 'Umbrella', 'Stark Industries', 'Wayne Enterprises'] as const

export function listedConnection(number: number) {
  const state = STATES[number % STATES.length]!
  const company = COMPANIES[number % COMPANIES.length]!
  return {
    id: number,
    connection_id: `conn-${String(number).padStart(6, '0')}`,
    provider_config_key: number % 3 === 0 ? 'salesforce' : 'salesforce-sandbox',
    provider: number % 3 === 0 ? 'salesforce' : 'salesforce-sandbox',
    errors: [],
    end_user: {
      id: `user-${number}`,
      display_name: `Grace Hopper ${number}`,
      email: `grace${number}@example.com`,
      tags: null,
      organization: { id: `org-${number % 50}`, display_name: `${company} ${number}` },
    },
    tags: { region: number % 2 === 0 ? 'eu' : 'us' },
    metadata: { plan: 'pro' },
    gateway_id: '0193f0a0000070008000000000000001',
    created: ago(number * 3),
    org: { id: '00D000000000001EAA', kind: number % 3 === 0 ? 'production' : 'sandbox', name: `${company} UAT` },
    state,
    open_issues: state === 'broken' ? 1 : 0,
  }
}

export function connectionAnswer(id = 'conn-000003') {
  const { created: _created, state: _state, open_issues: _issues, org: _org, ...summary } = listedConnection(Number(id.slice(-6)) || 0)
  return {
    ...summary,
    connection_id: id,
    connection_config: { instance_url: 'https://acme--uat.sandbox.my.salesforce.com', hostname: 'acme--uat.sandbox.my.salesforce.com' },
    webhook_url_override: null,
    created_at: ago(9000),
    updated_at: ago(30),
    last_fetched_at: ago(4),
    credentials: {},
    issues: [{ id: 'i-1', kind: 'refresh_failed', opened_at: ago(42), last_seen_at: ago(4), count: 3, diagnosis: DIAGNOSIS }],
    org: {
      org_id: '00D000000000001EAA',
      user_id: '005000000000001AAA',
      username: 'grace@example.com.uat',
      kind: 'sandbox',
      kind_certain: true,
      name: 'Acme UAT',
      organization_type: 'Enterprise Edition',
      is_sandbox: true,
      trial_expires_at: null,
      instance_name: 'USA123S',
      namespace_prefix: null,
      instance_url: 'https://acme--uat.sandbox.my.salesforce.com',
      login_host: 'test.salesforce.com',
      api_versions: { newest: '66.0', release: "Spring '26" },
      session_minutes: 120,
      checked_at: ago(300),
      api_usage: { used: 83_211, max: 100_000, seen_at: ago(4) },
    },
  }
}

export const INTEGRATION = {
  unique_key: 'salesforce-sandbox',
  provider: 'salesforce-sandbox',
  display_name: 'Salesforce Sandbox',
  logo: '/images/template-logos/salesforce-sandbox.svg',
  forward_webhooks: true,
  created_at: ago(90_000),
  updated_at: ago(800),
  base_url_override_hosts: [],
  install_url: null,
  wrong_org_kind: 'refuse',
  app_migration: null,
}

const provider = (name: string, display: string, more: object = {}) => ({
  name,
  display_name: display,
  auth_mode: 'OAUTH2',
  family: 'salesforce',
  categories: ['crm'],
  docs: 'https://help.salesforce.com/',
  logo_url: `/images/template-logos/${name}.svg`,
  default_scopes: ['offline_access', 'api'],
  ...more,
})

const listed = (issue: object, number: number) => {
  const { connection_id, provider_config_key, provider: name, end_user } = listedConnection(number)
  return {
    id: `i-${number}`,
    kind: 'refresh_failed',
    connection_id,
    provider_config_key,
    provider: name,
    end_user,
    opened_at: ago(42),
    last_seen_at: ago(4),
    closed_at: null,
    count: 3,
    diagnosis: DIAGNOSIS,
    ...issue,
  }
}

const vault = (places: object[] = []) => ({
  data: {
    state: 'live',
    reason: null,
    words: [],
    epoch: '1',
    key: { id: 'a1b2c3', kind: 'local', backed_up_at: null },
    rotation: { generation: 1, step: null, announced_at: null, switched_at: null, finished_at: null, rewrapped: 0, remaining: 0 },
    frozen: { total: places.length, places },
    spool: { files: 0, waiting: 0 },
    audit_journal: { bytes: 0, max_bytes: 1_000_000 },
    version: '0.1.0',
  },
})

/** As of a quarter of an hour each; a bump around the middle. */
function overview(hours: number) {
  const length = { 1: 60, 24: 96, 168: 84, 720: 90 }[hours] ?? 96
  const seconds = (hours * 3600) / length
  const series = Array.from({ length }, (_, index) => {
    const calls = Math.round(400 + 300 * Math.sin(index / 7))
    const bad = index > length / 2 && index < length / 2 + 6
    const counts = {
      calls,
      client_errors: bad ? 60 : 4,
      server_errors: bad ? 25 : 0,
      no_answer: 0,
      refreshes: 6,
      refresh_failures: bad ? 3 : 0,
    }
    return {
      at: new Date(Date.now() - (length - index) * seconds * 1000).toISOString(),
      ...counts,
      p50_ms: 90 + (index % 9),
      p95_ms: bad ? 1900 : 240 + (index % 30),
    }
  })
  const sum = (name: 'calls' | 'client_errors' | 'server_errors' | 'refreshes' | 'refresh_failures') =>
    series.reduce((all, row) => all + row[name], 0)
  return {
    data: {
      from: series[0]!.at,
      to: new Date().toISOString(),
      bucket_seconds: seconds,
      connections: {
        total: 1280,
        ok: 1262,
        broken: 11,
        frozen: 7,
        by_integration: [
          {
            integration: 'salesforce-sandbox',
            provider: 'salesforce-sandbox',
            display_name: 'Salesforce Sandbox',
            total: 900,
            ok: 889,
            broken: 11,
            frozen: 0,
          },
          { integration: 'salesforce', provider: 'salesforce', display_name: 'Salesforce', total: 380, ok: 373, broken: 0, frozen: 7 },
        ],
      },
      issues: { open: 11, by_kind: [{ kind: 'refresh_failed', count: 11 }] },
      totals: {
        calls: sum('calls'),
        client_errors: sum('client_errors'),
        server_errors: sum('server_errors'),
        no_answer: 2,
        refreshes: sum('refreshes'),
        refresh_failures: sum('refresh_failures'),
        p50_ms: 95,
        p95_ms: 410,
      },
      series,
      api_usage: [
        {
          org_id: '00D000000000001EAA',
          org_name: 'Acme UAT',
          connection_id: 'conn-000003',
          integration: 'salesforce-sandbox',
          used: 96_000,
          max: 100_000,
          seen_at: ago(2),
        },
        {
          org_id: '00D000000000002EAA',
          org_name: 'Globex',
          connection_id: 'conn-000006',
          integration: 'salesforce',
          used: 21_000,
          max: 100_000,
          seen_at: ago(9),
        },
      ],
      activity: { dropped: 0 },
    },
  }
}

function operation(number: number) {
  const failed = number % 4 === 3
  return {
    id: `0193f0a0-0000-7000-8000-${String(number).padStart(12, '0')}`,
    at: ago(number * 2),
    kind: number % 5 === 4 ? 'refresh' : 'call',
    action: number % 5 === 4 ? 'refresh' : 'proxy',
    outcome: failed ? 'failure' : 'success',
    status: failed ? 404 : 200,
    duration_ms: 120 + number,
    integration: 'salesforce-sandbox',
    connection_id: 'conn-000003',
    end_user_id: 'user-3',
    actor: { kind: 'key', id: 'k-1' },
    method: 'GET',
    host: 'acme--uat.sandbox.my.salesforce.com',
    path: '/services/data/v66.0/sobjects/Account/describe',
    error: failed ? { code: 'NOT_FOUND', title: null } : null,
  }
}

const NUMBER_OF_CONNECTIONS = 100_000

/** `rows`: how many connections the list has. */
export function stubAnswers({ role = 'owner' as Role, rows = NUMBER_OF_CONNECTIONS, frozen = [] as object[] } = {}): Answers {
  return {
    getMe: () => meAnswer(role),
    getOverview: ({ query }) => overview(Number(query['hours'] ?? 24)),
    getVault: () => vault(frozen),
    getEnvironment: () => ({
      data: {
        name: 'dev',
        callback_url: 'https://hawser.example.com/oauth/callback',
        webhook_url: null,
        webhook_signing_key: null,
        refused_org_kinds: ['production'],
        connect_ui: { logo: null, default_theme: 'system', light_primary: null, dark_primary: null, show_watermark: true },
      },
    }),
    listIssues: () => ({ issues: rows === 0 ? [] : [listed({}, 3), listed({ kind: 'approvals_used_up' }, 11)], next: null }),
    listIntegrations: () => ({
      data: [INTEGRATION, { ...INTEGRATION, unique_key: 'salesforce', provider: 'salesforce', display_name: 'Salesforce' }],
    }),
    getIntegration: ({ params, query }) => ({
      data: {
        ...INTEGRATION,
        unique_key: params['uniqueKey'],
        webhook_url: 'https://hawser.example.com/webhook/e/salesforce-sandbox',
        ...(String(query['include']).includes('credentials')
          ? {
              credentials: {
                type: 'OAUTH2',
                client_id: '3MVG9demo',
                client_secret: null,
                scopes: 'api,refresh_token',
                webhook_secret: null,
              },
            }
          : {}),
      },
    }),
    listIntegrationClients: () => ({
      data: [
        {
          id: '0193f0a0-0000-7000-8000-000000000011',
          client_id: '3MVG9active',
          state: 'active',
          has_secret: true,
          connections: 1200,
          broken_connections: 2,
          succeeds: null,
          created_at: ago(90_000),
          retired_at: null,
        },
        {
          id: '0193f0a0-0000-7000-8000-000000000012',
          client_id: '3MVG9former',
          state: 'retired',
          has_secret: true,
          connections: 80,
          broken_connections: 0,
          succeeds: null,
          created_at: ago(190_000),
          retired_at: ago(90_000),
        },
      ],
    }),
    listProviders: () => ({
      data: [
        provider('salesforce', 'Salesforce', { categories: ['crm', 'popular'] }),
        provider('salesforce-sandbox', 'Salesforce Sandbox'),
        provider('acme-books', 'Acme Books', { family: undefined, categories: ['accounting'] }),
      ],
    }),
    listConnections: ({ query }) => {
      const limit = Number(query['limit'] ?? 200)
      const from = Number(query['cursor'] ?? 0)
      if (query['connectionId'] !== undefined)
        return { connections: [{ ...listedConnection(3), connection_id: query['connectionId'] }], next: null, total: 1 }
      const found = query['search'] === undefined ? rows : query['search'].startsWith('nobody') ? 0 : Math.min(rows, 3)
      const shown = Array.from({ length: Math.max(0, Math.min(limit, found - from)) }, (_, index) => listedConnection(from + index))
      const wanted = query['state'] === undefined ? shown : shown.filter(({ state }) => state === query['state'])
      return {
        connections: wanted,
        next: from + limit < found ? String(from + limit) : null,
        total: query['total'] === 'true' ? found : null,
      }
    },
    getConnection: ({ params, headers }) => ({
      ...connectionAnswer(params['connectionId']),
      ...(headers['hawser-reveal'] === 'true'
        ? {
            credentials: {
              type: 'OAUTH2',
              access_token: '00Dx!AQ_stub_access_token',
              expires_at: ago(-90),
              raw: { scope: 'api refresh_token' },
            },
          }
        : {}),
    }),
    listActivity: () => ({ operations: Array.from({ length: 12 }, (_, index) => operation(index)), next: null, latest: 'x' }),
  }
}
