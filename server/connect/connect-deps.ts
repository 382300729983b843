import type { IncomingMessage } from 'node:http'
import type { Activity } from '#activity/activity.ts'
import type { OAuthClient } from '#auth-modes/auth-mode.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import type { Connections } from '#connections/connections.ts'
import type { SessionPrincipal } from '#http/principal.ts'
import type { IssueEvents } from '#issues/open-issue.ts'
import type { OrgRules } from '#orgs/judge-org.ts'
import type { Kit } from '../kit.ts'

/** What the slice needs from beside and above; made by `compose.ts`. */
export interface ConnectDeps {
  kit: Pick<Kit, 'clock' | 'log' | 'db' | 'vault' | 'egress' | 'catalogue' | 'bus' | 'queue'> & {
    config: Pick<Kit['config'], 'publicUrl' | 'refreshRequestMs'>
  }
  connections: Pick<Connections, 'find' | 'findById' | 'save'>
  /** undefined: no integration has that key in the environment. */
  findIntegration(environmentId: string, key: string): Promise<(StoredIntegration & { installUrl?: string | null }) | undefined>
  /** The integration's own app, with its row's uuid; undefined: not set yet. `oauthClientId`: the one that a sign-in left with. */
  clientOf(integration: StoredIntegration, oauthClientId?: string): Promise<(OAuthClient & { id?: string }) | undefined>
  /** The redirect URI: the environment's own, or the server's. */
  callbackUrlOf(environmentId: string): Promise<string>
  issueEvents: IssueEvents
  /** Hears of sign-ins that failed; those that went well are told by the audit. */
  activity?: Pick<Activity, 'record'> | undefined
  /** What holds for orgs that are connected through the integration (row's uuid). */
  orgRulesOf(integrationId: string): Promise<OrgRules>
  /** Hears how many API calls an org has left. */
  noteApiUsage(orgId: string, header: string): void
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
