import { resolveText } from '#providers/templates.ts'
import type { LiveConnection } from './connection.ts'

/** The host that a connection's tokens are renewed at; the provider's name where the address has gaps. */
export function tokenHostOf({ provider, connection }: Pick<LiveConnection, 'provider' | 'connection'>): string {
  const { refresh_url: renewedAt, token_url: mintedAt } = provider
  const template = renewedAt ?? (typeof mintedAt === 'object' ? mintedAt.OAUTH2 : mintedAt)
  const url = template !== undefined ? resolveText(template, { connectionConfig: connection.connectionConfig }) : undefined
  return url !== undefined && URL.canParse(url) ? new URL(url).host : provider.name
}
