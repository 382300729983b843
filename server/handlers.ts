/** The code behind every route of the contract. `mount` refuses to start when one is missing. */
import { join } from 'node:path'
import { sql } from 'kysely'
import openapi from '@hawser/api/openapi.json' with { type: 'json' }
import type { createActivitySlice } from '#activity/compose-activity.ts'
import type { createAccounts } from '#accounts/compose-accounts.ts'
import { listAudit } from '#audit/list-audit.ts'
import type { createConnect } from '#connect/compose-connect.ts'
import type { createConnections } from '#connections/compose-connections.ts'
import type { createDoctor } from '#doctor/compose-doctor.ts'
import type { Freeze } from '#freeze/compose-freeze.ts'
import type { People } from '#people/compose-people.ts'
import type { Handler } from '#http/handler.ts'
import { healthHandler, openapiHandler, readyHandler } from '#http/health.ts'
import type { createIntegrations } from '#integrations/compose-integrations.ts'
import type { Events } from '#events/compose-events.ts'
import { getOverview } from '#overview/get-overview.ts'
import { getVault } from '#overview/get-vault.ts'
import type { ApiUsageGauge } from '#orgs/api-usage.ts'
import { BACKUP_MARK } from '#doctor/check-installation.ts'
import { listIssues } from '#issues/list-issues.ts'
import { getProvider } from '#providers/get-provider.ts'
import { listProviders } from '#providers/list-providers.ts'
import type { createSpool } from '#vault/spool.ts'
import type { Kit } from './kit.ts'
import type { Store } from './open-store.ts'
import { vaultStatus } from './rotate-keys.ts'

interface Slices {
  kit: Kit
  accounts: ReturnType<typeof createAccounts>
  people: Pick<People, 'handlers'>
  connections: ReturnType<typeof createConnections>
  freeze: Freeze
  integrations: ReturnType<typeof createIntegrations>
  connect: ReturnType<typeof createConnect>
  doctor: ReturnType<typeof createDoctor>
  spool: ReturnType<typeof createSpool>
  activity: ReturnType<typeof createActivitySlice>
  events: Events
  usage: ApiUsageGauge
  store: Pick<Store, 'db' | 'key'>
  state: { stopping: boolean }
}

export function allHandlers({
  kit,
  accounts,
  people,
  connections,
  freeze,
  integrations,
  connect,
  doctor,
  spool,
  state,
  activity,
  events,
  usage,
  store,
}: Slices): Handler[] {
  const db = kit.db.kysely
  const catalogue = { catalogue: kit.catalogue, publicUrl: kit.config.publicUrl }
  return [
    ...accounts.handlers,
    ...people.handlers,
    ...accounts.connectionTokenHandlers(async (environmentId, integrationKey, connectionId) => {
      const { connection } = await connections.find(environmentId, integrationKey, connectionId)
      return { uuid: connection.id, tags: connection.tags, endUserId: connection.endUser?.id }
    }),
    ...connections.handlers,
    ...freeze.handlers,
    listIssues({ db }),
    listAudit({ db }),
    ...activity.handlers,
    ...events.handlers,
    getOverview({ db, clock: kit.clock, usage, flush: () => activity.counts.flush() }),
    getVault({
      db,
      state: freeze.vault.state,
      epoch: () => freeze.vault.seen()?.epoch,
      words: freeze.words,
      async keyOf(name) {
        const { key, environments } = await vaultStatus(store, name)
        return { key, ...(environments[0] ?? { generation: 1, rotation: null }) }
      },
      spool,
      journal: { folder: join(kit.config.dataDir, 'audit'), maxBytes: kit.config.auditJournal },
      backupMark: join(kit.config.dataDir, BACKUP_MARK),
    }),
    ...integrations.handlers,
    ...connect.handlers,
    ...doctor.handlers,
    listProviders(catalogue),
    getProvider(catalogue),
    healthHandler(),
    readyHandler(
      [
        async () => (state.stopping ? 'stopping' : undefined),
        async () => void (await sql`select 1`.execute(db)),
        async () => ((await spool.writable()) ? undefined : 'the data directory is not writable'),
      ],
      () => (freeze.vault.state().kind === 'live' ? 'live' : 'frozen'),
    ),
    openapiHandler(openapi),
  ]
}
