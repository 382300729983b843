/**
 * The published clients as black boxes. Their names are variables, so that the type-check needs neither their files nor their types: what a
 * method takes and returns is written down here from the public wire contract.
 */
const NODE: string = '@nangohq/node'
const JSFORCE: string = 'jsforce'
const PLAYWRIGHT: string = 'playwright-core'

export interface Response<T = unknown> {
  status: number
  headers: Record<string, string>
  data: T
}
type Body = Record<string, unknown>
export interface Session {
  data: { token: string; connect_link: string; expires_at: string }
}
export interface Integration {
  unique_key: string
  provider: string
  display_name: string
  credentials?: { client_id: string | null; client_secret: string | null } | null
  webhook_url?: string | null
}
export interface Listed {
  id: number
  connection_id: string
  provider_config_key: string
  provider: string
  created: string
  end_user: { id: string } | null
  tags: Record<string, string>
  metadata: Body | null
}
export interface Connection extends Omit<Listed, 'created'> {
  connection_config: Body
  credentials: { type: string; access_token: string; refresh_token?: string; raw: Body }
  created_at: string
}
export interface ProxyCall {
  endpoint: string
  providerConfigKey: string
  connectionId: string
  method?: string
  headers?: Record<string, string>
  params?: string | Record<string, string | number | string[]>
  data?: unknown
  retries?: number
  retryOn?: number[]
  baseUrlOverride?: string
  decompress?: boolean
  responseType?: string
}

export interface NodeClient {
  listProviders(query: { search?: string }): Promise<{ data: { name: string; auth_mode: string }[] }>
  getProvider(query: { provider: string }): Promise<{ data: { name: string; auth_mode: string } }>
  listIntegrations(): Promise<{ configs: Integration[] }>
  getIntegration(key: { uniqueKey: string }, query?: { include?: string[] }): Promise<{ data: Integration }>
  createIntegration(body: Body): Promise<{ data: Integration }>
  createQuickstartIntegration(body: Body): Promise<{ data: Integration }>
  updateIntegration(key: { uniqueKey: string }, body: Body): Promise<{ data: Integration }>
  deleteIntegration(key: string): Promise<Response>
  listConnections(query?: unknown, search?: string, more?: Body): Promise<{ connections: Listed[] }>
  getConnection(integration: string, id: string, force?: boolean, refreshToken?: boolean): Promise<Connection>
  getToken(integration: string, id: string, force?: boolean): Promise<unknown>
  getRawTokenResponse(integration: string, id: string): Promise<Body>
  getMetadata(integration: string, id: string): Promise<Body>
  setMetadata(integration: string, id: string | string[], metadata: Body): Promise<Response>
  updateMetadata(integration: string, id: string | string[], metadata: Body): Promise<Response>
  patchConnection(at: { connectionId: string; provider_config_key: string }, body: Body): Promise<{ success: boolean }>
  deleteConnection(integration: string, id: string): Promise<Response<{ success: boolean }>>
  waitForConnection(integration: string, userId: string, options?: { signal?: AbortSignal }): Promise<Listed>
  createConnectSession(body: Body): Promise<Session>
  createReconnectSession(body: Body): Promise<Session>
  proxy<T>(call: ProxyCall): Promise<Response<T>>
  get<T>(call: ProxyCall): Promise<Response<T>>
  post<T>(call: ProxyCall): Promise<Response<T>>
  put<T>(call: ProxyCall): Promise<Response<T>>
  patch<T>(call: ProxyCall): Promise<Response<T>>
  delete<T>(call: ProxyCall): Promise<Response<T>>
  verifyIncomingWebhookRequest(rawBody: string, headers: Record<string, unknown>): boolean
}

export async function nodeClient(options: { host: string; apiKey: string; webhookSigningKey?: string }): Promise<NodeClient> {
  const { Nango } = (await import(NODE)) as { Nango: new (options: unknown) => NodeClient }
  return new Nango(options)
}

/** Of the error that the client throws (axios). */
export interface ClientError {
  response?: {
    status: number
    data: { error: { code: string; message: string; errors?: { path: (string | number)[]; message: string }[] } }
  }
}

/** What a refused call threw; fails if it did not. */
export async function refusalOf(call: Promise<unknown>): Promise<{ status: number; code: string; message: string }> {
  const answer = await call.then(
    () => undefined,
    (error: ClientError) => error.response,
  )
  if (!answer) throw new Error('the call was not refused by the server')
  return { status: answer.status, code: answer.data.error.code, message: answer.data.error.message }
}

export interface Salesforce {
  query<T>(
    soql: string,
    options?: { autoFetch?: boolean; maxFetch?: number },
  ): PromiseLike<{ totalSize: number; done: boolean; records: T[]; nextRecordsUrl?: string }>
  queryMore<T>(locator: string): PromiseLike<{ totalSize: number; done: boolean; records: T[]; nextRecordsUrl?: string }>
  sobject(type: string): {
    create(record: Body): Promise<{ id: string; success: boolean }>
    retrieve(id: string): Promise<Body>
    update(record: Body): Promise<{ id: string; success: boolean }>
    destroy(id: string): Promise<{ id: string; success: boolean }>
    describe(): Promise<{ name: string; fields: { name: string }[] }>
  }
  identity(): Promise<{ user_id: string; organization_id: string; username: string }>
  limits(): Promise<Record<string, { Max: number; Remaining: number }>>
  request<T>(request: string | { method: string; url: string; body?: string; headers?: Record<string, string> }): PromiseLike<T>
  requestGet<T>(path: string): PromiseLike<T>
  bulk2: { query(soql: string): Promise<{ toArray(): Promise<Body[]> }> }
  limitInfo: { apiUsage?: { used: number; limit: number } }
  _transport: { httpRequest(request: { headers?: Record<string, string> }, ...rest: unknown[]): unknown }
}

export async function salesforceClient(options: { instanceUrl: string; accessToken: string }): Promise<Salesforce> {
  const library = (await import(JSFORCE)) as { default?: { Connection: unknown }; Connection?: unknown }
  const Connection = (library.Connection ?? library.default?.Connection) as new (options: unknown) => Salesforce
  return new Connection({ ...options, version: '62.0' })
}

export interface BrowserPage {
  goto(url: string): Promise<unknown>
  evaluate<T>(script: string): Promise<T>
  waitForURL(url: RegExp, options?: { timeout: number }): Promise<void>
  waitForFunction(script: string, argument?: unknown, options?: { timeout: number }): Promise<unknown>
  waitForSelector(selector: string, options?: { timeout: number; state?: string }): Promise<unknown>
  waitForEvent(event: 'popup', options?: { timeout: number }): Promise<BrowserPage>
  waitForLoadState(state?: string): Promise<void>
  screenshot(options: { path: string; fullPage?: boolean }): Promise<unknown>
  setViewportSize(size: { width: number; height: number }): Promise<void>
  emulateMedia(options: { colorScheme: 'light' | 'dark' }): Promise<void>
  click(selector: string, options?: { timeout: number }): Promise<void>
  fill(selector: string, value: string): Promise<void>
  frameLocator(selector: string): {
    locator(selector: string): Locator
    getByRole(role: string, options?: { name: RegExp | string }): Locator
  }
  getByRole(role: string, options?: { name: RegExp | string }): Locator
  locator(selector: string): Locator
  on(event: 'console', listener: (message: { type(): string; text(): string }) => void): void
  on(event: 'pageerror', listener: (error: Error) => void): void
  url(): string
  content(): Promise<string>
  close(): Promise<void>
}
interface Locator {
  click(options?: { timeout: number }): Promise<void>
  first(): Locator
  count(): Promise<number>
  innerText(): Promise<string>
  waitFor(options?: { timeout: number }): Promise<void>
}
export interface BrowserContext {
  newPage(): Promise<BrowserPage>
  close(): Promise<void>
}
export interface ChromiumBrowser {
  newContext(options?: Record<string, unknown>): Promise<BrowserContext>
  close(): Promise<void>
}

export const CHROMIUM = '/usr/bin/chromium'

/** A new browser with a user data directory of its own; `*.salesforce.com` is the fake on `fakePort`. */
export async function startChromium(fakePort: number): Promise<ChromiumBrowser> {
  const { chromium } = (await import(PLAYWRIGHT)) as { chromium: { launch(options: Record<string, unknown>): Promise<ChromiumBrowser> } }
  return chromium.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--host-resolver-rules=MAP *.salesforce.com 127.0.0.1:${fakePort}`,
      '--ignore-certificate-errors',
    ],
  })
}
