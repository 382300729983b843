import { DamagedBackup } from './damaged.ts'
import { rowCounter } from './take-backup.ts'
import { JOBS } from './waiting-jobs.ts'
import type { BackupRecord, Beginning, Summary } from './records.ts'

/** Reads a backup to its end, and holds every table and file against the sums that were written. @throws DamagedBackup, WrongBackupKey */
export async function readWhole(records: AsyncIterable<BackupRecord>): Promise<{ beginning: Beginning; summary: Summary }> {
  let beginning: Beginning | undefined
  let summary: Summary | undefined
  const seen: Summary = { tables: [], jobs: 0, files: [] }
  let name = ''
  let counted = rowCounter()
  for await (const record of records) {
    if (summary) throw new DamagedBackup('the backup goes on after its end')
    if (record.kind === 'B') beginning ??= record.value
    else if (record.kind === 'D') counted.add(record.bytes)
    else if (record.kind === 'Z') summary = record.value
    else if (record.kind === 'T' || record.kind === 'F') {
      name = record.kind === 'T' ? record.value.name : record.value.path
      counted = rowCounter()
    } else {
      const { rows, bytes, sha256 } = counted.end()
      const { value } = record
      if (sha256 !== value.sha256 || bytes !== value.bytes || ('rows' in value && rows !== value.rows))
        throw new DamagedBackup(`${name} in the backup is not what was written`)
      if (record.kind === 'G') seen.files.push({ path: name, bytes, sha256 })
      else if (name === JOBS) seen.jobs = rows
      else seen.tables.push({ name, rows, bytes, sha256 })
    }
  }
  if (!beginning || !summary) throw new DamagedBackup('the backup has no beginning, or no end')
  if (JSON.stringify(seen) !== JSON.stringify(summary)) throw new DamagedBackup('the backup does not hold what its end says')
  return { beginning, summary }
}
