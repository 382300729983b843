/** A customer's way into the product, step by step: her org's app, an integration, a connect session, the sign-in in her browser. */
import { expect } from 'vitest'
import type { z } from 'zod'
import type { getConnectSession } from '@hawser/api/connect-sessions.ts'
import type { AppSpec } from '@hawser/fake-salesforce/orgs/add-app.ts'
import type { Page } from '../testkit/browser.ts'
import type { TestServer } from '../testkit/test-server.ts'
import { createApiClient, type ConnectionBody } from './api-client.ts'

export type SignInResult = z.output<typeof getConnectSession.reply.body>['data']['result']

export interface App {
  clientId: string
  clientSecret: string
}

/** Registers an External Client App in an org of the fake: PKCE required, refresh token rotation on. */
export function addOrgApp(server: TestServer, orgKey: string, developerName: string, spec: Partial<AppSpec> = {}): App {
  const { flags, ...rest } = spec
  const app = server.fake.addApp({
    orgKey,
    developerName,
    callbackUrls: [`${server.url}/oauth/callback`],
    flags: { pkceRequired: true, rotation: true, reuseKillsFamily: true, ...flags },
    ...rest,
  })
  const consumer = app.consumers[0]
  if (!consumer) throw new Error('the app has no consumer')
  return { clientId: consumer.key, clientSecret: consumer.secret }
}

export async function addIntegration(server: TestServer, key: string, app: App, provider = 'salesforce-sandbox'): Promise<void> {
  const made = await createApiClient(server.url, server.apiKey).post('/integrations', {
    provider,
    unique_key: key,
    credentials: { type: 'OAUTH2', client_id: app.clientId, client_secret: app.clientSecret },
  })
  expect(made.status, JSON.stringify(made.body)).toBe(200)
}

export interface SessionWishes {
  endUser?: string
  /** `integrations_config_defaults` of the integration. */
  defaults?: Record<string, unknown>
}

/** The backend's part: a connect session's token. */
export async function openSession(server: TestServer, integration: string, wishes: SessionWishes = {}): Promise<string> {
  const made = await createApiClient(server.url, server.apiKey).post<{ data: { token: string } }>('/connect/sessions', {
    end_user: { id: wishes.endUser ?? 'user-1' },
    allowed_integrations: [integration],
    ...(wishes.defaults ? { integrations_config_defaults: { [integration]: wishes.defaults } } : {}),
  })
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  return made.body.data.token
}

export function connectUrl(server: TestServer, integration: string, token: string, query: Record<string, string> = {}): string {
  return `${server.url}/oauth/connect/${encodeURIComponent(integration)}?${new URLSearchParams({ connect_session_token: token, ...query })}`
}

/** The browser's part: from the connect link to the page on which it ends. */
export async function signIn(
  server: TestServer,
  integration: string,
  token: string,
  query: Record<string, string> = {},
): Promise<Page & { result: SignInResult }> {
  const browser = server.browser()
  try {
    const page = await browser.open(connectUrl(server, integration, token, query))
    return { ...page, result: await resultOf(server, token) }
  } finally {
    await browser.close()
  }
}

export async function resultOf(server: TestServer, token: string): Promise<SignInResult> {
  const session = await createApiClient(server.url, token).get<{ data: { result: SignInResult } }>('/connect/session')
  expect(session.status, JSON.stringify(session.body)).toBe(200)
  return session.body.data.result
}

/** Session and sign-in; returns the connection's id. `query`: e.g. `params[hostname]`. */
export async function connect(
  server: TestServer,
  integration: string,
  { query = {}, ...wishes }: SessionWishes & { query?: Record<string, string> } = {},
): Promise<string> {
  const token = await openSession(server, integration, wishes)
  const page = await signIn(server, integration, token, query)
  if (page.result?.outcome !== 'success') {
    throw new Error(`the sign-in ended on ${page.visited.map(withoutQuery).join(' → ')} (${page.status}): ${JSON.stringify(page.result)}`)
  }
  return page.result.connection_id
}

export function connectionPath(id: string, integration: string, more: Record<string, string> = {}): string {
  return `/connections/${encodeURIComponent(id)}?${new URLSearchParams({ provider_config_key: integration, ...more })}`
}

export async function readConnection(
  server: TestServer,
  id: string,
  integration: string,
  more: Record<string, string> = {},
): Promise<ConnectionBody> {
  const answer = await createApiClient(server.url, server.apiKey).get<ConnectionBody>(connectionPath(id, integration, more))
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return answer.body
}

/** A call through `/proxy`; `path` begins with a slash. */
export function proxied(server: TestServer, id: string, integration: string, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${server.url}/proxy${path}`, {
    signal: AbortSignal.timeout(20_000),
    ...init,
    headers: {
      authorization: `Bearer ${server.apiKey}`,
      'provider-config-key': integration,
      'connection-id': id,
      ...(init.headers as Record<string, string> | undefined),
    },
  })
}

export const DATA = '/services/data/v62.0'
export const query = (soql: string): string => `${DATA}/query?q=${encodeURIComponent(soql)}`

function withoutQuery(url: string): string {
  return url.split('?')[0] ?? url
}
