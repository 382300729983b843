import { fail } from '@hawser/api/errors.ts'
import type { Kysely, Transaction } from 'kysely'
import type { AuthMode } from '#auth-modes/auth-mode.ts'
import type { Audit } from '#audit/record-disclosure.ts'
import type { Handler } from '#http/handler.ts'
import type { ApiUsage } from '#orgs/api-usage.ts'
import type { JobHandlers } from '#queue/queue.ts'
import type { Provider } from '#providers/provider.ts'
import type { Spool } from '#vault/spool.ts'
import { findByKey } from '#integrations/store.ts'
import type { Kit } from '../kit.ts'
import { orgIdOfHost, type OrgIdOfHost } from '#orgs/org-id-of-host.ts'
import { orgIdInProduction } from './ask-production.ts'
import { createConnectionCache, type Address, type ConnectionCache } from './connection-cache.ts'
import type { LiveConnection } from './connection.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import type { Connections, SaveConnection } from './connections.ts'
import { endUnstored, type UnstoredTokens } from './end-unstored.ts'
import { deleteConnection } from './delete-connection.ts'
import { createFreshCredentials } from './fresh-credentials.ts'
import { getConnection } from './get-connection.ts'
import { importConnection } from './import-connection.ts'
import { listConnections } from './list-connections.ts'
import { refreshAheadJob } from './refresh-ahead.ts'
import { createSandboxWatch } from './sandbox-watch.ts'
import { resumeAfterFalseAlarm } from './resume-after-false-alarm.ts'
import { sandboxSeenRefreshed } from './sandbox-seen-refreshed.ts'
import type { Place, RefreshDeps, TokenExtras } from './refresh-deps.ts'
import { releaseGrantsOf } from './release-grant.ts'
import { revokeGrants } from './revoke-grants.ts'
import { revokeGrantJob, type RevocationDeps, type TokenToRevoke } from './revoke-grant.ts'
import { saveConnection, type SaveDeps } from './save-connection.ts'
import { setMetadata } from './set-metadata.ts'
import { liveById, liveByName } from './store.ts'
import { systemTimers, type Timers } from './timers.ts'
import { createTokenKeeper } from './token-keeper.ts'
import { createTokenTurns } from './token-turns.ts'
import { updateConnection } from './update-connection.ts'
import { updateMetadata } from './update-metadata.ts'
import { createFetchNotes, type FetchNotes } from './fetch-notes.ts'
import { createReadTogether } from './read-together.ts'
import { shownConnections, type ShownConnection } from './shown-store.ts'
import { createUseNotes } from './use-notes.ts'
import { unguarded, type VaultGuard } from './vault-guard.ts'

const HOST_TIMEOUT_MS = 5_000

/** What lies above this slice, or beside it, comes in as functions. */
export interface ConnectionHooks
  extends Pick<RefreshDeps, 'readTokenExtras' | 'recordEvent' | 'recordOwnEvent'>, Pick<RevocationDeps, 'revocationOf'> {
  audit: Pick<Audit, 'disclosed' | 'changed' | 'used'>
  spool: Spool
  /** Throws for a name that has no mode: the catalogue and the modes are made for each other. */
  authMode(name: string): AuthMode
  /** Whether an import may name this address as the account's own. */
  instanceHostAllowed(provider: Provider, instanceUrl: string): boolean
  /**
   * Asks the provider about an imported access token at the imported address, and never renews anything. Returns what is known of the account by then.
   * Throws `instance_url_refused`, `connection_test_failed`, `connection_validation_failed`.
   */
  confirmImport(
    provider: Provider,
    imported: { accessToken: string; connectionConfig: Record<string, unknown> },
    integration: StoredIntegration,
  ): Promise<TokenExtras & Pick<SaveConnection, 'org' | 'alongside'>>
  /** How many API calls an org has used; undefined: not seen yet. */
  apiUsageOf?(orgId: string): ApiUsage | undefined
  /** Tests put their own answer in its place. */
  orgIdOfHost?(provider: Provider, instanceUrl: string): Promise<OrgIdOfHost>
  /** Throws to be called again later. A token that is not valid any more counts as revoked. */
  revokeToken(revoked: TokenToRevoke): Promise<void>
  /** None: the database is nobody else's. */
  guard?: VaultGuard
  /** The kill switch; none: nothing is stopped. */
  stopped?: RefreshDeps['stopped']
  activity?: RefreshDeps['activity']
  timers?: Timers
  /** 0 to 1, for the spread of pauses. */
  random?(): number
}

/** What the endpoints of this slice work with. */
export interface ConnectionDeps extends SaveDeps, Pick<ConnectionHooks, 'instanceHostAllowed' | 'confirmImport' | 'apiUsageOf'> {
  audit: Pick<Audit, 'disclosed' | 'changed'>
  connections: Connections
  stopped: RefreshDeps['stopped']
  /** As it is now, by row uuid. */
  readShown(id: string): Promise<ShownConnection | undefined>
  fetches: FetchNotes
  now(): number
}

export interface ComposedConnections extends Connections {
  handlers: Handler[]
  jobs: Pick<JobHandlers, 'refresh-ahead' | 'revoke-grant'>
  /** For `createIntegrations`. */
  releaseGrants(transaction: Transaction<unknown>, integration: StoredIntegration): Promise<void>
  /**
   * Somebody has seen another org behind the host of this connection (row uuid): if a refreshed sandbox explains it, all connections of the
   * environment to the host that know the org before are stopped, once. Returns how many.
   */
  sandboxRefreshed(seen: { environmentId: string; connectionId: string; newOrgId: string }): Promise<number>
  /** The host of this connection (row uuid) tells the org that was connected: if it was stopped for another one, it goes on. */
  sandboxIsTheSame(seen: { environmentId: string; connectionId: string }): Promise<boolean>
  /** At the start, and after the vault was taken over: stores tokens that an earlier process left on disk. */
  reapplySpool(): Promise<void>
  /** Writes noted uses now. */
  flush(): Promise<void>
}

export function createConnections(kit: Kit, hooks: ConnectionHooks): ComposedConnections {
  const { clock, log, bus, vault, catalogue, queue, egress, config } = kit
  const db = kit.db.kysely
  const timers = hooks.timers ?? systemTimers
  const guard = hooks.guard ?? unguarded
  const stopped = (place: Place) => hooks.stopped?.(place)
  const load = (environmentId: string, address: Address) => loadLive(kit, environmentId, address)
  const cache: ConnectionCache = createConnectionCache({ load, clock, bus, maxStaleMs: config.maxStaleMs })
  const fetches = createFetchNotes({ db, timers, log })
  const readShown = createReadTogether((ids) => shownConnections(db, ids))
  const uses = createUseNotes({ db, clock, timers, log })
  const ending = { db, vault, queue, revocationOf: hooks.revocationOf, provider: (name: string) => catalogue.get(name) }
  const end = (unstored: UnstoredTokens) => endUnstored(ending, unstored)
  const keeper = createTokenKeeper({ db, spool: hooks.spool, clock, timers, log, bus, foreign: guard.foreign, end })
  const times = { requestMs: config.refreshRequestMs, waitMs: config.refreshWaitMs, leaseMs: config.refreshLeaseMs }
  const random = hooks.random ?? Math.random
  const turns = createTokenTurns({ atOnce: config.refreshesAtOnce, perSecond: config.refreshesPerSecond, now: () => clock.now(), timers })
  const { authMode, readTokenExtras, recordEvent, recordOwnEvent, audit, revocationOf } = hooks
  const salesforceProviders = () => catalogue.list().flatMap((provider) => (provider.family === 'salesforce' ? [provider.name] : []))
  const findById: Connections['findById'] = (environmentId, uuid) => cache.find(environmentId, { uuid })
  const askHost =
    hooks.orgIdOfHost ?? ((provider, instanceUrl) => orgIdOfHost({ egress, provider, instanceUrl, timeoutMs: HOST_TIMEOUT_MS }))
  const sandboxes = createSandboxWatch({
    clock,
    orgIdOfHost: askHost,
    orgIdInProduction: (environmentId, host) =>
      orgIdInProduction({ db, egress, timers, audit, salesforceProviders, findById, fresh }, environmentId, host),
  })
  const { fresh, renewAhead } = createFreshCredentials({
    ...{ db, vault, clock, timers, log, bus, egress, cache, uses, keeper, times, random, guard, stopped, turns },
    ...{ authMode, readTokenExtras, recordEvent, recordOwnEvent, sandboxes, salesforceProviders, audit, activity: hooks.activity },
  })
  const telling = { recordEvent, recordOwnEvent, salesforceProviders }
  const saving: SaveDeps = { db, vault, catalogue, queue, cache, audit, log, revocationOf, ...telling }

  const connections: Connections = {
    find: (environmentId, integrationKey, connectionId) => cache.find(environmentId, { integrationKey, connectionId }),
    findById,
    fresh,
    noteUse: (live) => uses.note(live),
    save: (input) => saveConnection(saving, input),
    async close() {
      keeper.close()
      cache.close()
      await uses.close()
      await fetches.close()
    },
  }
  const { instanceHostAllowed, confirmImport, apiUsageOf } = hooks
  const deps: ConnectionDeps = {
    ...saving,
    audit,
    connections,
    stopped,
    readShown,
    fetches,
    now: () => clock.now(),
    instanceHostAllowed,
    confirmImport,
    ...(apiUsageOf ? { apiUsageOf } : {}),
  }
  return {
    ...connections,
    handlers: [
      listConnections(deps),
      getConnection(deps),
      importConnection(deps),
      updateConnection(deps),
      deleteConnection(deps),
      setMetadata(deps),
      updateMetadata(deps),
      revokeGrants(deps),
    ],
    jobs: {
      'refresh-ahead': refreshAheadJob({ db, log, connections, renewAhead, frozen: () => guard.frozen() !== undefined }),
      'revoke-grant': revokeGrantJob({ db, vault, queue, clock, log, audit, recordOwnEvent }, (revoked) => hooks.revokeToken(revoked)),
    },
    releaseGrants: (transaction, integration) =>
      releaseGrantsOf({ ...saving, provider: (name) => catalogue.get(name) }, transaction, integration),
    sandboxRefreshed: (seen) => sandboxSeenRefreshed({ db, cache, log, ...telling }, seen),
    sandboxIsTheSame: (seen) => resumeAfterFalseAlarm({ db, cache, log, recordOwnEvent }, seen),
    reapplySpool: () => keeper.reapply(),
    flush: async () => void (await Promise.all([uses.flush(), fetches.flush()])),
  }
}

async function loadLive(kit: Pick<Kit, 'db' | 'catalogue'>, environmentId: string, address: Address): Promise<LiveConnection> {
  const db: Kysely<unknown> = kit.db.kysely
  const found =
    'uuid' in address
      ? await liveById(db, environmentId, address.uuid)
      : await liveByName(db, environmentId, address.integrationKey, address.connectionId)
  if (!found) {
    const known = 'uuid' in address || (await findByKey(db, environmentId, address.integrationKey))
    throw fail(known ? 'unknown_connection' : 'unknown_provider_config')
  }
  const provider = kit.catalogue.get(found.integration.provider)
  if (!provider) throw fail('unknown_provider')
  return { ...found, provider }
}
