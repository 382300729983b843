import type { Failure } from '@hawser/api/errors.ts'
import type { Kysely, Transaction } from 'kysely'
import type { Logger } from 'pino'
import type { Activity } from '#activity/activity.ts'
import type { CallCounts } from '#activity/call-counts.ts'
import type { Audit } from '#audit/record-disclosure.ts'
import type { AuthMode } from '#auth-modes/auth-mode.ts'
import type { Bus } from '#bus/bus.ts'
import type { Egress } from '#egress/dispatcher.ts'
import type { AuthEvent } from '#events/record-event.ts'
import type { IssueEvents } from '#issues/open-issue.ts'
import type { Clock } from '#lib/clock.ts'
import type { Provider } from '#providers/provider.ts'
import type { Vault } from '#vault/vault.ts'
import type { StoredConnection, StoredGrant } from './connection.ts'
import type { ConnectionCache } from './connection-cache.ts'
import type { SandboxWatch } from './sandbox-watch.ts'
import type { Timers } from './timers.ts'
import type { TokenKeeper } from './token-keeper.ts'
import type { TokenTurns } from './token-turns.ts'
import type { UseNotes } from './use-notes.ts'
import type { VaultGuard } from './vault-guard.ts'

/** What a token response says of the account besides its tokens, to be kept with the connection. */
export interface TokenExtras {
  connectionConfig: Record<string, unknown>
}

export interface RefreshDeps extends IssueEvents {
  db: Kysely<unknown>
  vault: Vault
  clock: Clock
  timers: Timers
  log: Logger
  bus: Bus
  egress: Egress
  cache: ConnectionCache
  uses: UseNotes
  keeper: TokenKeeper
  times: RefreshTimes
  /** 0 to 1. */
  random(): number
  authMode(name: string): AuthMode
  /** Throws `instance_url_refused` for an address that tokens must not go to. */
  readTokenExtras(provider: Provider, raw: Record<string, unknown>): TokenExtras | Promise<TokenExtras>
  recordEvent(transaction: Transaction<unknown>, event: AuthEvent): Promise<unknown>
  /** Whether another org stands behind the host of a connection by now. */
  sandboxes: SandboxWatch
  /** Names of the catalogue's entries for Salesforce. */
  salesforceProviders(): readonly string[]
  guard: VaultGuard
  /** The kill switch: what the use of a connection is refused with, if it, its integration or its environment was stopped. */
  stopped(place: Place): Failure | undefined
  turns: TokenTurns
  /** Hears of every token request. */
  activity?: RefreshActivity | undefined
  /** Each token request is a use of the refresh token. */
  audit: Pick<Audit, 'used'>
}

export type RefreshActivity = Pick<Activity, 'record'> & { counts: Pick<CallCounts, 'refresh'> }

/** Row uuids. */
export interface Place {
  environmentId: string
  integrationId: string
  /** Absent: there is none yet. */
  connectionId?: string | undefined
}

export function placeOf({ environmentId, integrationId, id }: StoredConnection): Place {
  return { environmentId, integrationId, connectionId: id }
}

/** In ms; each shorter than the next. */
export interface RefreshTimes {
  requestMs: number
  waitMs: number
  leaseMs: number
}

export interface Refreshed {
  grant: StoredGrant
  /** A token request was made for it, here or on another node at the same time. */
  renewed: boolean
  /** The connection's configuration changed with it. */
  configChanged: boolean
}

/** The grant's row was deleted, with its connection or by a reconnect. */
export class GrantGone extends Error {
  override readonly name = 'GrantGone'
}
