/** A second provider that nobody of us wrote: `oidc-provider` in its strict form. PKCE required, refresh tokens rotate, one used twice ends the family. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** As much of the library as is used here; it comes without types. */
interface Library {
  Provider: new (issuer: string, configuration: Record<string, unknown>) => OidcProvider
}
interface Grant {
  addOIDCScope(scope: string): void
  save(): Promise<string>
}
interface OidcProvider {
  Grant: new (owner: { accountId: string; clientId: string }) => Grant
  callback(): (request: IncomingMessage, response: ServerResponse) => void
  interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<{ params: { client_id: string; scope: string } }>
  interactionFinished(request: IncomingMessage, response: ServerResponse, result: Record<string, unknown>): Promise<void>
  on(event: string, listener: (...values: unknown[]) => void): void
}

export interface StrictOAuthServer {
  origin: string
  port: number
  clientId: string
  clientSecret: string
  /** Requests by method and path (`POST /token`), and events of the library (`grant.revoked`). */
  counts: Record<string, number>
  /** What a provider's catalogue entry for it says. */
  entry: Record<string, unknown>
  /** Opens it. Our callback URL is known only when the server has started, which needs `entry` before. */
  admit(callbackUrl: string): void
  close(): Promise<void>
}

const ACCESS_TOKEN_SECONDS = 600
const LIBRARY: string = 'oidc-provider'

export async function startStrictOAuthServer(): Promise<StrictOAuthServer> {
  const { Provider } = (await import(LIBRARY)) as Library
  let provider: OidcProvider | undefined
  const counts: Record<string, number> = {}
  const count = (name: string): void => void (counts[name] = (counts[name] ?? 0) + 1)
  const server = createServer((request, response) => {
    if (!provider) return void response.writeHead(503).end()
    count(`${request.method} ${request.url?.split('?')[0]}`)
    if (request.url?.startsWith('/interaction/')) return void agree(provider, request, response)
    provider.callback()(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const origin = `http://localhost:${port}`
  const client = { clientId: 'hawser-test', clientSecret: 'a secret of 32 characters or more' }
  return {
    origin,
    port,
    ...client,
    counts,
    entry: {
      display_name: 'Strict',
      categories: ['test'],
      auth_mode: 'OAUTH2',
      docs: 'https://example.com/docs',
      authorization_url: `${origin}/auth`,
      token_url: `${origin}/token`,
      revocation_url: `${origin}/token/revocation`,
      default_scopes: ['openid', 'offline_access'],
      allowed_hosts: [`localhost:${port}`],
      proxy: { base_url: origin },
    },
    admit(callbackUrl) {
      provider = withoutWarnings(() => new Provider(origin, configuration(client, callbackUrl)))
      for (const event of ['grant.success', 'grant.error', 'grant.revoked', 'server_error']) provider.on(event, () => count(event))
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The library tells the console that its memory store and its keys are for development only, which is what they are here. */
function withoutWarnings<T>(work: () => T): T {
  const { warn, info } = console
  console.warn = console.info = () => undefined
  try {
    return work()
  } finally {
    console.warn = warn
    console.info = info
  }
}

function configuration(client: Pick<StrictOAuthServer, 'clientId' | 'clientSecret'>, callbackUrl: string): Record<string, unknown> {
  return {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [callbackUrl],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
    interactions: { url: (_context: unknown, interaction: { uid: string }) => `/interaction/${interaction.uid}` },
    findAccount: (_context: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
    ttl: {
      AccessToken: ACCESS_TOKEN_SECONDS,
      RefreshToken: 86_400,
      Session: 3600,
      Interaction: 3600,
      Grant: 86_400,
      AuthorizationCode: 60,
    },
    cookies: { keys: ['only for this test'] },
  }
}

/** The person at the browser agrees to everything. */
async function agree(provider: OidcProvider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { params } = await provider.interactionDetails(request, response)
  const accountId = 'person-1'
  const grant = new provider.Grant({ accountId, clientId: params.client_id })
  grant.addOIDCScope(params.scope)
  await provider.interactionFinished(request, response, { login: { accountId }, consent: { grantId: await grant.save() } })
}
