import type { SeenVault } from './epoch-file.ts'

/** The row of the table `vault`. */
export interface VaultRow {
  epoch: string
  generation: number
  /** `<cluster>/<database>`, see `homeOf`; null until a server has served. */
  home: string | null
}

export type FreezeReason =
  /** This directory has seen a later state of the database. */
  | 'older'
  /** The row was written in another database: this one is a copy of it. */
  | 'moved'
  /** Somebody took the database over, or the directory belongs to another one. */
  | 'other_epoch'
  /** Nothing here says that this database is the right one. */
  | 'unknown_directory'

export type Verdict =
  | { kind: 'ours' }
  /** Nobody has used this database yet: it becomes ours, with this epoch. */
  | { kind: 'adopt'; epoch: string }
  | { kind: 'frozen'; reason: FreezeReason }

/**
 * Whether a database may be refreshed from. `seen`: what the data directory remembers. `told`: the epoch that the operator named
 * (HAWSER_VAULT_EPOCH); it outweighs a directory's. `home`: where the database really is.
 */
export function judgeVault(row: VaultRow, seen: SeenVault | undefined, told: string | undefined, home: string): Verdict {
  if (row.generation === 0 && row.home === null && seen === undefined) return { kind: 'adopt', epoch: told ?? row.epoch }
  if (row.home !== null && !isSameHome(row.home, home)) return frozen('moved')
  const known = told ?? seen?.epoch
  if (known === undefined) return frozen('unknown_directory')
  if (known !== row.epoch) return frozen('other_epoch')
  if (seen?.epoch === row.epoch && row.generation < seen.generation) return frozen('older')
  return { kind: 'ours' }
}

function frozen(reason: FreezeReason): Verdict {
  return { kind: 'frozen', reason }
}

/** `?` stands for a cluster that the database account may not ask about. */
function isSameHome(one: string, other: string): boolean {
  const [clusterOfOne, databaseOfOne] = one.split('/')
  const [clusterOfOther, databaseOfOther] = other.split('/')
  const sameCluster = clusterOfOne === '?' || clusterOfOther === '?' || clusterOfOne === clusterOfOther
  return sameCluster && databaseOfOne === databaseOfOther
}
