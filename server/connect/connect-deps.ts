import type { IncomingMessage } from 'node:http'
import type { OAuthClient } from '#auth-modes/auth-mode.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import type { Connections } from '#connections/connections.ts'
import type { SessionPrincipal } from '#http/principal.ts'
import type { Kit } from '../kit.ts'

/** What the slice needs from beside and above; made by `compose.ts`. */
export interface ConnectDeps {
  kit: Pick<Kit, 'clock' | 'log' | 'db' | 'vault' | 'egress' | 'catalogue' | 'bus'> & {
    config: Pick<Kit['config'], 'publicUrl' | 'refreshRequestMs'>
  }
  connections: Pick<Connections, 'find' | 'save'>
  /** undefined: no integration has that key in the environment. */
  findIntegration(environmentId: string, key: string): Promise<StoredIntegration | undefined>
  /** The integration's own app; undefined: not set yet. */
  clientOf(integration: StoredIntegration): Promise<OAuthClient | undefined>
  /** The redirect URI: the environment's own, or the server's. */
  callbackUrlOf(environmentId: string): Promise<string>
  /** Who calls, behind trusted proxies; for sockets that Fastify does not see. */
  addressOf?(request: IncomingMessage): string
  /** Throws the 401 codes. */
  authenticateSession(token: string): Promise<SessionPrincipal>
  /** Resolves when the audit row is committed. */
  recordChange(entry: {
    environmentId: string
    actor: Record<string, unknown>
    action: string
    subject: Record<string, unknown>
  }): Promise<void>
}
