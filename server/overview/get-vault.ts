import { readdir, stat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import * as routes from '@hawser/api/vault-status.ts'
import type { VaultState } from '#freeze/vault-watch.ts'
import { handler, type Handler } from '#http/handler.ts'
import { limitsOf } from '#http/principal.ts'
import type { Spool } from '#vault/spool.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { countFrozenPlaces, frozenPlaces, type FrozenPlaceRow } from './overview-store.ts'

/** Of one environment's key. */
export interface KeyRotation {
  generation: number
  rotation: {
    step: 'announced' | 'rewrapping' | 'finished'
    announced_at: string
    switched_at: string | null
    finished_at: string | null
    rewrapped: number
    remaining: number
  } | null
}

export interface VaultDeps {
  db: Kysely<unknown>
  state: () => VaultState
  epoch: () => string | undefined
  /** Why it is frozen, and what to do. */
  words: () => string[]
  keyOf: (environmentName: string) => Promise<{ key: { id: string; kind: 'local' | 'aws-kms' } } & KeyRotation>
  spool: Pick<Spool, 'list'>
  journal: { folder: string; maxBytes: number }
  /** Where somebody has noted that the key file is kept elsewhere too. */
  backupMark: string
}

const MOST_PLACES = 100
const MOST_FILES = 10_000
const NEVER = { step: null, announced_at: null, switched_at: null, finished_at: null, rewrapped: 0, remaining: 0 }

export function getVault(deps: VaultDeps): Handler {
  return handler(routes.getVault, async ({ principal }) => {
    const { environmentId, environmentName } = principal
    // To a key with limits the others' names do not exist.
    const isLimited = limitsOf(principal).length > 0
    const state = deps.state()
    const [{ key, generation, rotation }, places, total, spooled, bytes, backedUpAt] = await Promise.all([
      deps.keyOf(environmentName),
      frozenPlaces(deps.db, environmentId, MOST_PLACES),
      countFrozenPlaces(deps.db, environmentId),
      deps.spool.list(),
      bytesIn(deps.journal.folder),
      timeIn(deps.backupMark),
    ])
    return {
      data: {
        state: state.kind,
        reason: state.kind === 'frozen' ? state.reason : null,
        words: deps.words(),
        epoch: deps.epoch() ?? null,
        key: { ...key, backed_up_at: backedUpAt },
        rotation: { generation, ...(rotation ?? NEVER) },
        frozen: { total, places: places.map(placeAnswer).filter(({ what }) => !isLimited || what === 'environment') },
        spool: { files: spooled.length, waiting: spooled.filter(({ committedAt }) => committedAt === null).length },
        audit_journal: { bytes, max_bytes: deps.journal.maxBytes },
        version: packageJson.version,
      },
    }
  })
}

function placeAnswer({ integration, connection_id, integration_of, reason, frozen_at }: FrozenPlaceRow) {
  const what = connection_id !== null ? ('connection' as const) : integration !== null ? ('integration' as const) : ('environment' as const)
  return { what, integration: integration ?? integration_of, connection_id, reason, frozen_at: frozen_at.toISOString() }
}

async function bytesIn(folder: string): Promise<number> {
  const names = (await readdir(folder).catch(() => [])).slice(0, MOST_FILES)
  const sizes = await Promise.all(
    names.filter((name) => name.endsWith('.journal')).map((name) => stat(join(folder, name)).catch(() => undefined)),
  )
  return sizes.reduce((sum, found) => sum + (found?.size ?? 0), 0)
}

async function timeIn(path: string): Promise<string | null> {
  const noted = Date.parse((await readFile(path, 'utf8').catch(() => '')).trim())
  return Number.isNaN(noted) ? null : new Date(noted).toISOString()
}
