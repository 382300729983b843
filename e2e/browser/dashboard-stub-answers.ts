/** An environment with connections in every state, as the endpoints would tell it. */
import { scopesOfRole, type Role } from '@hawser/api/roles.ts'
import { connectionAnswer, listedConnection, listedIssue } from './dashboard-connection-answers.ts'
import { overviewAnswer, vaultAnswer } from './dashboard-overview-answers.ts'
import type { Answers } from './stub-api.ts'
import { ago } from './stub-time.ts'

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
    getOverview: ({ query }) => overviewAnswer(Number(query['hours'] ?? 24)),
    getVault: () => vaultAnswer(frozen),
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
    listIssues: () => ({ issues: rows === 0 ? [] : [listedIssue({}, 3), listedIssue({ kind: 'approvals_used_up' }, 11)], next: null }),
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
