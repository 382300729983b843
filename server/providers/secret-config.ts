import type { Provider } from './schema.ts'

const WITH_OWN_PLACE = new Map([
  ['oauth_client_id_override', 'credentials.config_override'],
  ['oauth_client_secret_override', 'credentials.config_override'],
  ['oauth_refresh_token_override', 'credentials.refresh_token'],
])

/** The first name in a connection's configuration whose value belongs elsewhere, and where, in a sentence. */
export function misplacedIn(config: Record<string, unknown>): { name: string; reason: string } | undefined {
  for (const name of Object.keys(config)) {
    const place = WITH_OWN_PLACE.get(name)
    if (place !== undefined) return { name, reason: `This belongs to the credentials: send it as ${place}` }
  }
  return undefined
}

type Fields = Pick<Provider, 'connection_config'>

/** What the entry declares as secret is encrypted, and never shown; the rest is neither. */
export function isSecretField(provider: Fields, name: string): boolean {
  return Object.hasOwn(provider.connection_config ?? {}, name) && provider.connection_config?.[name]?.secret === true
}

export function splitConfig(
  provider: Fields | undefined,
  config: Record<string, unknown>,
): { open: Record<string, unknown>; secret: Record<string, unknown> } {
  const isSecret = (name: string) => provider !== undefined && isSecretField(provider, name)
  const entries = Object.entries(config)
  return {
    open: Object.fromEntries(entries.filter(([name]) => !isSecret(name))),
    secret: Object.fromEntries(entries.filter(([name]) => isSecret(name))),
  }
}
