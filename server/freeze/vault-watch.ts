/**
 * Knows whether this process may refresh from its database. A stale copy that refreshed would use up the refresh tokens of the original, and the
 * providers would end the grants for both. Not sure counts as frozen: what works goes on being served, nothing is renewed, revoked or sent.
 */
import type { Failure } from '@hawser/api/errors.ts'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Bus } from '#bus/bus.ts'
import { readEpochFile, writeEpochFile, type SeenVault } from './epoch-file.ts'
import { vaultFrozen } from './frozen-words.ts'
import { inTurn } from './in-turn.ts'
import { judgeVault, type FreezeReason } from './judge-vault.ts'
import { adopt, beat, homeOf, readVault, takeOver, type SeenRow } from './vault-store.ts'

/** Also the longest time after which a server that was left behind in a former epoch would notice without an announcement. */
const BEAT_MS = 60_000
const LOOK_AGAIN_MS = 10_000
/** How long the start waits for another server to vouch for the database. */
const VOUCH_MS = 2_000
/** So far may a standby lag that takes the place of its database under a running server: what it lost is on disk here. */
const STANDBY_LAG_MS = 120_000
const MOST_ROUNDS = 3

/** Asks for a sign of life, and answers: by an announcement of its own, since a copy of the database has none of its servers. */
const WHO = 'vault-who'
const HERE = 'vault-here'
/** Also the topic of the trigger, and what the command line sends after `vault join`. */
export const VAULT_TOPIC = 'vault'

export type VaultState = { kind: 'live' } | { kind: 'frozen'; reason: FreezeReason } | { kind: 'starting' }

export interface VaultWatch {
  state(): VaultState
  /** What a refresh, a sign-in or a job is refused with; undefined while all is well. */
  frozen(): Failure | undefined
  /** While true, not even tokens on disk are put into the database: it may be somebody else's. */
  foreign(): boolean
  /** What statements that begin a refresh hold the database against. Undefined before the first look. */
  seen(): SeenVault | undefined
  /** Looks for the first time; when it resolves, `beforeLive` is done or the vault is frozen. Throws for a file that cannot be read. */
  start(): Promise<void>
  /** Called with each change of the state. */
  onChange(listener: (state: VaultState) => void): void
  /** Notes the last state that was seen, so that whatever is put in its place from now on is noticed. */
  close(): Promise<void>
}

export interface VaultWatchOptions {
  db: Kysely<unknown>
  bus: Bus
  log: Logger
  dataDir: string
  /** HAWSER_VAULT_EPOCH. */
  told: string | undefined
  /** Puts tokens from the disk into the database; runs before anything is refreshed. */
  beforeLive(): Promise<void>
}

export function createVaultWatch(options: VaultWatchOptions): VaultWatch {
  const { db, bus, log, dataDir, told } = options
  const listeners = new Set<(state: VaultState) => void>()
  let state: VaultState = { kind: 'starting' }
  let foreign = true
  let seen: (SeenVault & { seenAt: number }) | undefined
  let asked: { epoch: string; generation: number } | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const become = (next: VaultState) => {
    if (next.kind === state.kind && (next.kind !== 'frozen' || next.reason === (state as typeof next).reason)) return
    state = next
    if (next.kind === 'frozen')
      log.error({ reason: next.reason, ...vaultFrozen(next.reason).details }, 'the vault is frozen: nothing is refreshed')
    if (next.kind === 'live') log.debug({ epoch: seen?.epoch }, 'the vault is live')
    for (const listener of listeners) listener(next)
  }

  const remember = async (row: SeenRow) => {
    seen = { epoch: row.epoch, generation: row.generation, seenAt: row.seenAt }
    await writeEpochFile(dataDir, seen).catch((error: unknown) =>
      log.error({ err: error }, 'the epoch could not be written: check the data directory'),
    )
  }

  const goLive = async (row: SeenRow, lagged: boolean) => {
    await remember(row)
    foreign = false
    if (state.kind === 'live' && !lagged) return
    become({ kind: 'starting' })
    await options.beforeLive()
    if (!closed) become({ kind: 'live' })
  }

  /** Undefined: the row changed under our eyes; look again. */
  const lookOnce = async (): Promise<true | undefined> => {
    const [row, home, file] = [await readVault(db), await homeOf(db), await readEpochFile(dataDir)]
    if (!row) throw new Error('the table vault is empty: no key was noted')
    const known = vouched(row) ?? newest(file, seen)
    const verdict = judgeVault(row, known, told, home)
    if (verdict.kind === 'adopt') {
      const taken = await adopt(db, { epoch: verdict.epoch, home })
      return taken && goLive(taken, false).then(() => true)
    }
    if (verdict.kind === 'ours') {
      const alive = await beat(db, { epoch: row.epoch, generation: known?.epoch === row.epoch ? known.generation : 0 })
      return alive && goLive(alive, false).then(() => true)
    }
    if (verdict.reason === 'older' && state.kind === 'live' && seen && seen.seenAt - row.seenAt <= STANDBY_LAG_MS) {
      log.warn('the database came back a little older, as a lagging standby does; tokens on disk are put back')
      become({ kind: 'starting' })
      await goLive(await takeOver(db, { epoch: row.epoch, home, above: seen.generation }), true)
      return true
    }
    foreign = true
    become({ kind: 'frozen', reason: verdict.reason })
    if (verdict.reason !== 'unknown_directory') return true
    if (asked?.epoch !== row.epoch) asked = { epoch: row.epoch, generation: row.generation }
    await bus.send(WHO, '')
    return true
  }

  /** A server that knows the database has shown itself since we asked, on this very database. */
  const vouched = (row: SeenRow): SeenVault | undefined =>
    asked && row.epoch === asked.epoch && row.generation > asked.generation ? { epoch: row.epoch, generation: row.generation } : undefined
  const looks = inTurn(async () => {
    for (let round = 0; round < MOST_ROUNDS && !closed; round++) if (await lookOnce()) return
  })
  const look = looks.run
  const lookQuietly = () =>
    look().catch((error: unknown) => void log.warn({ err: error }, 'the vault could not be looked at; it is tried again'))
  const lookLater = () => {
    if (closed) return
    clearTimeout(timer)
    timer = setTimeout(() => void lookQuietly().finally(lookLater), state.kind === 'live' ? BEAT_MS : LOOK_AGAIN_MS).unref()
  }

  const vouch = async () => {
    if (state.kind === 'live') await look().then(() => bus.send(HERE, ''))
  }
  const stops = [
    bus.on(VAULT_TOPIC, () => void lookQuietly()),
    bus.on(WHO, () => void vouch().catch((error: unknown) => log.debug({ err: error }, 'another server was not vouched for'))),
    bus.on(HERE, () => void (state.kind === 'live' || lookQuietly())),
    bus.onGap(() => void lookQuietly()),
  ]

  return {
    state: () => state,
    frozen: () => (state.kind === 'live' ? undefined : vaultFrozen(state.kind === 'frozen' ? state.reason : 'starting')),
    foreign: () => foreign,
    seen: () => seen && { epoch: seen.epoch, generation: seen.generation },
    async start() {
      await look().finally(lookLater)
      if (state.kind === 'frozen' && state.reason === 'unknown_directory') await untilLive(listeners)
    },
    onChange: (listener) => void listeners.add(listener),
    async close() {
      for (const stop of stops) stop()
      clearTimeout(timer)
      closed = true
      await looks.settled()
      const last = state.kind === 'live' && seen && (await beat(db, seen).catch(() => undefined))
      if (last) await remember(last)
    },
  }
}

/** Or until nobody has vouched for the database in good time. */
function untilLive(listeners: Set<(state: VaultState) => void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const over = setTimeout(resolve, VOUCH_MS)
  listeners.add((state) => {
    if (state.kind !== 'live') return
    clearTimeout(over)
    resolve()
  })
  return promise
}

/** In memory may be newer than on disk (a full disk), and on disk than in memory (the command line has written there). */
function newest(file: SeenVault | undefined, memory: SeenVault | undefined): SeenVault | undefined {
  if (!file || !memory) return file ?? memory
  return file.epoch === memory.epoch && memory.generation > file.generation ? memory : file
}
