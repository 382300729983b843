/** A server with integrations of several kinds, for the tests and pictures of the hosted connect page. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Frame, Page } from 'playwright-core'
import { expect } from 'vitest'
import { startTestServer, type TestServer } from '../../testkit/test-server.ts'
import { createApiClient } from '../api-client.ts'
import { addIntegration, addOrgApp } from '../customer.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** More names than anybody reads without a search, in a few categories. */
const NAMES: Record<string, string[]> = {
  crm: ['Kontakt', 'Pipeline'],
  accounting: ['Ledgerly', 'Bookwell', 'Fakturo'],
  ticketing: ['Helpdesk', 'Ticketo'],
  storage: ['Boxer', 'Dépôt'],
}

function catalogue(): Record<string, unknown> {
  const entry = (display_name: string, category: string, more = {}) => ({
    display_name,
    categories: [category],
    auth_mode: 'OAUTH2',
    docs: 'https://docs.example.com',
    docs_connect: 'https://docs.example.com/connect',
    authorization_url: 'https://login.salesforce.com/authorize',
    token_url: 'https://login.salesforce.com/token',
    ...more,
  })
  const plain = Object.entries(NAMES).flatMap(([category, names]) => names.map((name) => [slug(name), entry(name, category)] as const))
  const fields = {
    region: { title: 'Region', enum: ['eu', 'us'], order: 1 },
    subdomain: {
      title: 'Subdomain',
      pattern: '^[a-z0-9-]+$',
      example: 'acme',
      suffix: '.shop.example.com',
      order: 2,
      doc_section: '#subdomain',
    },
    tax_id: { title: 'Tax id', visible_when: { field: 'region', equals: 'eu' }, optional: true, order: 3 },
    contact: { title: 'Contact', format: 'email', optional: true, order: 4 },
    access_key: { title: 'Access key', secret: true, order: 5, description: 'You find it under Settings.' },
    internal: { title: 'Internal', automated: true },
  }
  return { ...Object.fromEntries(plain), shop: entry('Shop', 'e-commerce', { connection_config: fields }) }
}

function slug(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll(/\P{ASCII}/gu, '')
    .toLowerCase()
}

export interface ConnectRig {
  server: TestServer
  /** Opens a session and returns its token. `integrations`: all of them unless given. */
  session(wishes?: { integrations?: string[]; endUser?: string; more?: Record<string, unknown> }): Promise<string>
  link(token: string, query?: Record<string, string>): string
  close(): Promise<void>
}

/** Integrations: `sandbox` and `production` work; `own` has no app; `elsewhere` has one of another org; `shop` has fields of all kinds. */
export async function startConnectRig(): Promise<ConnectRig> {
  const server = await startTestServer({ catalogue: catalogue() })
  const api = createApiClient(server.url, server.apiKey)
  const app = addOrgApp(server, 'acme-uat', 'connect_ui')
  await addIntegration(server, 'sandbox', app)
  await addIntegration(server, 'production', app, 'salesforce')
  await addIntegration(server, 'elsewhere', addOrgApp(server, 'globex-uat', 'elsewhere'))
  await addIntegration(server, 'shop', { clientId: 'shop', clientSecret: 'shop' }, 'shop')
  for (const name of Object.values(NAMES).flat()) await addIntegration(server, slug(name), { clientId: 'x', clientSecret: 'x' }, slug(name))
  const own = await api.post('/integrations/quickstart', { provider: 'salesforce-sandbox', unique_key: 'own', display_name: 'Acme CRM' })
  expect(own.status, JSON.stringify(own.body)).toBe(200)
  return {
    server,
    async session({ integrations, endUser = 'user-1', more = {} } = {}) {
      const made = await api.post<{ data: { token: string } }>('/connect/sessions', {
        end_user: { id: endUser },
        ...(integrations ? { allowed_integrations: integrations } : {}),
        ...more,
      })
      expect(made.status, JSON.stringify(made.body)).toBe(201)
      return made.body.data.token
    },
    link: (token, query = {}) => `${server.url}/connect-ui/?${new URLSearchParams({ session_token: token, ...query })}`,
    close: () => server.close(),
  }
}

interface Violation {
  id: string
  impact: string
  nodes: { html: string; failureSummary: string }[]
}

/** What axe-core finds serious or critical, as text; empty: nothing. */
export async function graveFaults(page: Page | Frame): Promise<string[]> {
  await page.evaluate(AXE)
  const violations = (await page.evaluate(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  )) as Violation[]
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`)
}
