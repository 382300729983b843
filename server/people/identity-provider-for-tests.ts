/** An organisation's identity provider that nobody of us wrote: `oidc-provider`. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** As much of the library as is used here; it comes without types. */
interface Library {
  Provider: new (issuer: string, configuration: Record<string, unknown>) => Provider
}
interface Provider {
  Grant: new (owner: { accountId: string; clientId: string }) => { addOIDCScope(scope: string): void; save(): Promise<string> }
  callback(): (request: IncomingMessage, response: ServerResponse) => void
  interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<{ params: { client_id: string; scope: string } }>
  interactionFinished(request: IncomingMessage, response: ServerResponse, result: Record<string, unknown>): Promise<void>
}

export interface IdentityProvider {
  issuer: string
  port: number
  clientId: string
  clientSecret: string
  /** Who signs in next. */
  person: { sub: string; email?: string; email_verified?: boolean; name?: string }
  /** How long ago the person proved there who she is, in s; 0 unless set. */
  signedInAgo: number
  /** Opens `url` as a browser would, agrees to everything, and returns the address that it is sent back to. */
  signIn(url: string): Promise<string>
  close(): Promise<void>
}

const LIBRARY: string = 'oidc-provider'

export async function startIdentityProvider(redirectUri: string): Promise<IdentityProvider> {
  const { Provider } = (await import(LIBRARY)) as Library
  let provider: Provider | undefined
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/interaction/')) void agree(provider!, request, response, found)
    else provider!.callback()(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const issuer = `http://localhost:${port}`
  const client = { clientId: 'hawser-dashboard', clientSecret: 'a secret of 32 characters or more' }
  const found: IdentityProvider = {
    ...{ issuer, port, ...client, person: { sub: 'nobody' }, signedInAgo: 0 },
    signIn: (url) => follow(url, redirectUri),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  provider = withoutWarnings(
    () =>
      new Provider(issuer, {
        clients: [{ client_id: client.clientId, client_secret: client.clientSecret, redirect_uris: [redirectUri] }],
        pkce: { required: () => true },
        claims: { email: ['email', 'email_verified'], profile: ['name'] },
        features: { devInteractions: { enabled: false } },
        interactions: { url: (_context: unknown, interaction: { uid: string }) => `/interaction/${interaction.uid}` },
        findAccount: (_context: unknown, accountId: string) => ({ accountId, claims: () => found.person }),
        ttl: { AccessToken: 600, Session: 3600, Interaction: 3600, Grant: 3600, AuthorizationCode: 60, IdToken: 600 },
        cookies: { keys: ['only for this test'] },
      }),
  )
  return found
}

/** The library tells the console that its memory store and its keys are for development only, which is what they are here. */
function withoutWarnings<T>(work: () => T): T {
  const { console } = globalThis
  globalThis.console = { ...console, warn: () => undefined, info: () => undefined }
  try {
    return work()
  } finally {
    globalThis.console = console
  }
}

async function agree(provider: Provider, request: IncomingMessage, response: ServerResponse, found: IdentityProvider): Promise<void> {
  const accountId = found.person.sub
  const ts = Math.floor(Date.now() / 1000) - found.signedInAgo
  const { params } = await provider.interactionDetails(request, response)
  const grant = new provider.Grant({ accountId, clientId: params.client_id })
  grant.addOIDCScope(params.scope)
  await provider.interactionFinished(request, response, { login: { accountId, ts }, consent: { grantId: await grant.save() } })
}

const MOST_REDIRECTS = 10

async function follow(start: string, end: string): Promise<string> {
  const cookies = new Map<string, string>()
  let url = start
  for (let step = 0; step < MOST_REDIRECTS; step++) {
    if (url.startsWith(end)) return url
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { redirect: 'manual', headers: { cookie }, signal: AbortSignal.timeout(10_000) })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (location === null) throw new Error(`the identity provider answered ${response.status}: ${(await response.text()).slice(0, 300)}`)
    url = new URL(location, url).href
  }
  throw new Error('too many redirects')
}
