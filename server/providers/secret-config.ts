import type { Provider } from './schema.ts'

const WITH_OWN_PLACE = new Map([
  ['oauth_client_id_override', 'credentials.config_override'],
  ['oauth_client_secret_override', 'credentials.config_override'],
  ['oauth_refresh_token_override', 'credentials.refresh_token'],
])

/** The first name in a connection's configuration whose value must not lie there, since nothing encrypts it, and why in a sentence. */
export function secretIn(provider: Provider, config: Record<string, unknown>): { name: string; reason: string } | undefined {
  const fields = provider.connection_config ?? {}
  for (const name of Object.keys(config)) {
    const place = WITH_OWN_PLACE.get(name)
    if (place !== undefined) return { name, reason: `This belongs to the credentials: send it as ${place}` }
    if (Object.hasOwn(fields, name) && fields[name]?.secret === true)
      return { name, reason: 'The provider’s field is secret, and the configuration is not encrypted: it cannot be kept yet' }
  }
  return undefined
}
