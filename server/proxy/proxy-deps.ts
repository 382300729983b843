/** What the proxy is given by `compose.ts`. */
import type { IncomingMessage } from 'node:http'
import type { CallCounts } from '#activity/call-counts.ts'
import type { Activity } from '#activity/activity.ts'
import type { Use } from '#audit/use-counters.ts'
import type { AuthMode } from '#auth-modes/auth-mode.ts'
import type { Connections } from '#connections/connections.ts'
import type { RefreshDeps } from '#connections/refresh-deps.ts'
import type { ConnectionPrincipal, KeyPrincipal } from '#http/principal.ts'
import type { Kit } from '../kit.ts'
import type { IsRefreshable } from './replay.ts'
import type { ProxySettings } from './settings.ts'

export interface ProxyDeps {
  kit: Pick<Kit, 'clock' | 'egress' | 'log' | 'vault'>
  /** Not a promise when warm. Throws Failure 401. */
  authenticate: {
    key: (secret: string, request: IncomingMessage) => KeyPrincipal | Promise<KeyPrincipal>
    /** By a connection token or a JWT. */
    connection: (bearer: string, request: IncomingMessage) => ConnectionPrincipal | Promise<ConnectionPrincipal>
  }
  connections: Pick<Connections, 'find' | 'findById' | 'fresh' | 'noteUse'>
  /** The kill switch, asked before each attempt; none: nothing is stopped. */
  stopped?: RefreshDeps['stopped'] | undefined
  /** By the name in `auth_mode`; undefined for one that is not spoken yet. */
  authModes: (name: string) => AuthMode | undefined
  isRefreshable: IsRefreshable
  /** Counts the use of a credential before it happens. Throws Failure 503 when no trace can be kept. */
  audit: {
    used: (keyId: string, use: Pick<Use, 'environmentId' | 'connectionId' | 'endUserId'>, request: IncomingMessage) => void
  }
  /** How many calls of a key and of a connection may be under way. `enter` throws Failure 429 or 503, and then counts nothing. */
  places?: { enter: (keyId: string, connectionId: string) => void; leave: (keyId: string, connectionId: string) => void } | undefined
  /** Hears how many API calls an org has left (`Sforce-Limit-Info`), as its answers pass. */
  noteApiUsage?: ((orgId: string, header: string) => void) | undefined
  /** Keeps what happened, behind the answers; counts it in any case. */
  activity?: (Pick<Activity, 'record'> & { counts: Pick<CallCounts, 'call'> }) | undefined
  publicUrl: string
  /** Origin of the gateway as clients know it; by default the public URL's host with the port that the call came in on. */
  gatewayUrl?: string | undefined
  settings?: Partial<ProxySettings> | undefined
  random?: (() => number) | undefined
}
