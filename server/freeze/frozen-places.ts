/** The kill switch as every node knows it: all that is frozen, in memory, so that a warm call asks the database nothing. */
import { fail, type Failure } from '@hawser/api/errors.ts'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Bus } from '#bus/bus.ts'
import { listFrozen, type Frozen, type FrozenPlace } from './frozen-store.ts'

/** Announcements bring changes at once; this is for one that was lost without a trace. */
const RELOAD_MS = 30_000
const RETRY_MS = 500

export interface FrozenPlaces {
  /** What the use is refused with, if the connection, its integration or its environment is frozen. No statement. */
  refusal(place: FrozenPlace): Failure | undefined
  /** Reads the list anew; before the first, nothing is known to be frozen. Rejects if the database does not answer. */
  reload(): Promise<void>
  close(): void
}

export function createFrozenPlaces({ db, bus, log }: { db: Kysely<unknown>; bus: Bus; log: Logger }): FrozenPlaces {
  let frozen = new Map<string, Frozen>()
  let timer: NodeJS.Timeout | undefined
  let closed = false
  let reading: Promise<void> | undefined
  let next: Promise<void> | undefined

  const read = async () => {
    const rows = await listFrozen(db)
    frozen = new Map(rows.map((row) => [row.connectionId ?? row.integrationId ?? row.environmentId, row]))
  }
  /** Who asks while one is under way gets one that begins afterwards: it may have read before the change. */
  const reload = (): Promise<void> => {
    if (!reading) return (reading = read().finally(() => (reading = undefined)))
    return (next ??= reading
      .catch(() => {})
      .then(() => {
        next = undefined
        return reload()
      }))
  }
  const reloadQuietly = () =>
    reload().then(
      () => later(RELOAD_MS),
      (error: unknown) => {
        log.warn({ err: error }, 'what is frozen could not be read; it is tried again')
        later(RETRY_MS)
      },
    )
  const later = (ms: number) => {
    clearTimeout(timer)
    if (!closed) timer = setTimeout(() => void reloadQuietly(), ms).unref()
  }
  later(RELOAD_MS)
  const stops = [bus.on('frozen', () => void reloadQuietly()), bus.onGap(() => void reloadQuietly())]

  return {
    refusal({ environmentId, integrationId, connectionId }) {
      if (frozen.size === 0) return undefined
      const of = (id: string | undefined) => (id === undefined ? undefined : frozen.get(id))
      const found = of(environmentId) ?? of(integrationId) ?? of(connectionId)
      return found && refusalOf(found)
    },
    reload,
    close() {
      closed = true
      clearTimeout(timer)
      for (const stop of stops) stop()
    },
  }
}

function refusalOf({ connectionId, integrationId, reason, frozenAt }: Frozen): Failure {
  const what = connectionId ? 'This connection' : integrationId ? 'This integration' : 'This environment'
  return fail('frozen', {
    message: `${what} was frozen on ${frozenAt.toISOString().slice(0, 16).replace('T', ' ')} UTC: ${reason}`,
    payload: {
      frozen: connectionId ? 'connection' : integrationId ? 'integration' : 'environment',
      reason,
      frozen_at: frozenAt.toISOString(),
    },
  })
}
