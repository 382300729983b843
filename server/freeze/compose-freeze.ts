import type { Failure } from '@hawser/api/errors.ts'
import type { Handler } from '#http/handler.ts'
import type { JobHandler, JobHandlers, JobName } from '#queue/queue.ts'
import type { Kit } from '../kit.ts'
import { freezeHandlers, type ChangeFreezeDeps } from './change-freeze.ts'
import { createFrozenPlaces } from './frozen-places.ts'
import type { FrozenPlace } from './frozen-store.ts'
import { frozenWords, vaultFrozen } from './frozen-words.ts'
import { createVaultWatch, type VaultState, type VaultWatch } from './vault-watch.ts'

/** So long the start waits to know whether this database may be refreshed from; it serves what works then in any case. */
const START_MS = 10_000
/** For the database that does not answer while the server stops. */
const CLOSE_MS = 1_000

export interface Freeze {
  handlers: Handler[]
  vault: VaultWatch
  /** The kill switch: what the use of a connection is refused with. */
  stopped(place: FrozenPlace): Failure | undefined
  /** The same finder, which throws for what may not be signed in to: a sign-in can end older grants of the same user at the provider. */
  signIns<F extends { id: string; environmentId: string }>(find: Finder<F>): Finder<F>
  /** The same jobs, which do nothing while the vault is frozen: they are tried again later. */
  jobs(jobs: JobHandlers): JobHandlers
  /** For people: why the vault is frozen, and what to do; empty while all is well. */
  words(): string[]
  /** Before the server listens. */
  start(): Promise<void>
  close(): Promise<void>
}

type Finder<F> = (environmentId: string, key: string) => Promise<F | undefined>

export function createFreeze(
  kit: Pick<Kit, 'db' | 'bus' | 'log' | 'config'>,
  given: Pick<ChangeFreezeDeps, 'recordChange'> & { reapplySpool(): Promise<void> },
): Freeze {
  const db = kit.db.kysely
  const { bus, log, config } = kit
  const places = createFrozenPlaces({ db, bus, log })
  const vault = createVaultWatch({ db, bus, log, dataDir: config.dataDir, told: config.vaultEpoch, beforeLive: given.reapplySpool })
  return {
    handlers: freezeHandlers({ db, places, recordChange: given.recordChange }),
    vault,
    stopped: places.refusal,
    signIns: (find) => async (environmentId, key) => {
      const found = await find(environmentId, key)
      const refused = found && (refusalOf(vault.state()) ?? places.refusal({ environmentId, integrationId: found.id }))
      if (refused) throw refused
      return found
    },
    jobs: (jobs) =>
      Object.fromEntries((Object.entries(jobs) as [JobName, JobHandler<JobName>][]).map(([name, job]) => [name, whileLive(vault, job)])),
    words() {
      const state = vault.state()
      if (state.kind !== 'frozen') return []
      const { cause, fix } = frozenWords[state.reason]
      return [cause, ...fix]
    },
    async start() {
      await places.reload()
      const late = new Promise<void>((resolve) => void setTimeout(resolve, START_MS).unref())
      await Promise.race([vault.start(), late])
    },
    async close() {
      places.close()
      const late = new Promise<void>((resolve) => void setTimeout(resolve, CLOSE_MS).unref())
      await Promise.race([vault.close(), late])
    },
  }
}

function refusalOf(state: VaultState): Failure | undefined {
  return state.kind === 'frozen' ? vaultFrozen(state.reason) : undefined
}

function whileLive(vault: VaultWatch, job: JobHandler<JobName>): JobHandler<JobName> {
  return async (payload) => {
    const frozen = vault.frozen()
    if (frozen) throw frozen
    await job(payload)
  }
}
