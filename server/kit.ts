/** What every slice is given: the technical kits, made once by `compose.ts`. Types only. */
import type { Logger } from 'pino'
import type { Bus } from '#bus/bus.ts'
import type { Config } from '#config.ts'
import type { Database } from '#db/pool.ts'
import type { Egress } from '#egress/dispatcher.ts'
import type { Clock } from '#lib/clock.ts'
import type { Catalogue } from '#providers/catalogue.ts'
import type { Queue } from '#queue/queue.ts'
import type { Vault } from '#vault/vault.ts'

export interface Kit {
  config: Config
  clock: Clock
  log: Logger
  db: Database
  vault: Vault
  egress: Egress
  catalogue: Catalogue
  bus: Bus
  queue: Queue
}
