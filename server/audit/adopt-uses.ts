import type { KeyObject } from 'node:crypto'
import { rename, unlink } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { chainRows, type AuditRow } from './chain.ts'
import { abandonedCounts, adoptCounts, readCounts } from './open-counts.ts'
import { insertMissingRows } from './store.ts'
import { entryOfUse } from './use-counters.ts'
import { abandonedJournals, replayJournal } from './use-journal.ts'

const BATCH_ROWS = 500

interface AdoptDeps {
  kysely: Kysely<unknown>
  key: KeyObject
  log: Pick<Logger, 'info' | 'error'>
  folder: string
  ownChain: string
}

/**
 * Puts the uses that processes which are gone left on the disk into the trail: rows that waited for the database, and counts of the minute in which
 * they ended. May be done twice, and by two at the same time. Returns the files that somebody changed, with how
 * many rows came of them; they are kept as `.damaged`.
 */
export async function adoptUses({ kysely, key, log, folder, ownChain }: AdoptDeps): Promise<{ journal: string; rows: number }[]> {
  const insert = async (rows: readonly AuditRow[]) => {
    for (let start = 0; start < rows.length; start += BATCH_ROWS) await insertMissingRows(kysely, rows.slice(start, start + BATCH_ROWS))
  }
  const damagedFiles: { journal: string; rows: number }[] = []
  const done = (path: string, rows: number, damaged: boolean) => {
    if (rows > 0) log.info({ rows }, 'uses of credentials that an earlier process left on disk are in the audit trail')
    if (!damaged) return
    log.error({ path }, 'uses of credentials were changed on disk; the file is kept beside the others as .damaged')
    damagedFiles.push({ journal: basename(path), rows })
  }
  for (const path of await abandonedJournals(folder, ownChain)) {
    const { rows, damaged } = await replayJournal(path, key, insert)
    done(path, rows, damaged)
  }
  for (const found of await abandonedCounts(folder, ownChain)) {
    const path = await adoptCounts(found)
    if (path === undefined) continue
    const { rows, damaged } = await replayCounts(path, key, insert)
    done(found, rows, damaged)
  }
  return damagedFiles
}

async function replayCounts(
  path: string,
  key: KeyObject,
  insert: (rows: readonly AuditRow[]) => Promise<void>,
): Promise<{ rows: number; damaged: boolean }> {
  const { found, damaged } = await readCounts(path, key)
  const rows = found ? rowsOfCounts(key, found) : []
  await insert(rows)
  if (damaged) await rename(path, `${path}.damaged`)
  else await unlink(path).catch(() => {})
  return { rows: rows.length, damaged }
}

function rowsOfCounts(key: KeyObject, { place, counted }: NonNullable<Awaited<ReturnType<typeof readCounts>>['found']>): AuditRow[] {
  return chainRows(
    key,
    place.chain,
    place,
    counted.map((one) => entryOfUse(one, place.minute)),
  )
}
