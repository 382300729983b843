/** The technical kits that every slice is given. */
import { join } from 'node:path'
import { createPostgresBus } from '#bus/postgres-bus.ts'
import { createEgress } from '#egress/dispatcher.ts'
import { systemClock } from '#lib/clock.ts'
import { loadCatalogue } from '#providers/catalogue.ts'
import { createQueue } from '#queue/graphile-queue.ts'
import type { ComposeOptions } from './compose.ts'
import type { Kit } from './kit.ts'

export async function makeKit({
  config,
  store,
  log,
  clock = systemClock,
  connector,
  inMemoryProviders,
  trustedHosts = [],
}: ComposeOptions): Promise<Kit> {
  const catalogue = await loadCatalogue({
    folder: join(import.meta.dirname, '../providers'),
    extra: config.providerPaths,
    ...(inMemoryProviders ? { inMemory: inMemoryProviders } : {}),
  })
  for (const problem of catalogue.problems) log.warn(problem, 'a provider was left out')
  return {
    config,
    clock,
    log,
    db: store.db,
    vault: store.vault,
    catalogue,
    egress: createEgress({
      trustedHosts: [...config.trustedHosts, ...trustedHosts],
      connector,
      httpsProxy: process.env['HTTPS_PROXY'] ?? process.env['https_proxy'],
      noProxy: process.env['NO_PROXY'] ?? process.env['no_proxy'],
      onBlocked: (blocked) => log.warn(blocked, 'an outbound call was refused'),
    }),
    bus: await createPostgresBus({ url: store.url, db: store.db, log }),
    queue: createQueue(store.db),
  }
}
