/** Made-up connections in every state, one of them in full, and their issues. */
import { ago } from './stub-time.ts'

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

export const listedIssue = (issue: object, number: number) => {
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
