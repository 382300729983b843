/** Backups in a folder, named by their time, and which of them may go. */
import { readdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { SUFFIX } from './backup-file.ts'

const NAME = /^hawser-\d{8}T\d{6}Z\.hawser-backup$/
const PART = /^\.hawser-\d{8}T\d{6}Z\.hawser-backup\.[0-9a-f]{12}\.part$/
/** Of a process that was killed: none writes for so long. */
const PART_AGE_MS = 86_400_000
const NOTE = 'last-backup.json'

/** Sorts by time. */
export function nameAt(now: Date): string {
  return `hawser-${now.toISOString().replace(/[-:]|\.\d+/g, '')}${SUFFIX}`
}

/** Leaves the newest `keep` (one at least), and removes parts of killed processes. Files of other names stay. Returns what it removed. */
export async function pruneBackups(folder: string, keep: number, now: Date): Promise<string[]> {
  const names = await readdir(folder)
  const old = names
    .filter((name) => NAME.test(name))
    .sort()
    .slice(0, -Math.max(1, keep))
  const parts = []
  for (const name of names.filter((each) => PART.test(each))) {
    const found = await stat(join(folder, name)).catch(() => undefined)
    if (found && now.getTime() - found.mtimeMs > PART_AGE_MS) parts.push(name)
  }
  for (const name of [...old, ...parts]) await unlink(join(folder, name))
  return old
}

const note = z.object({ file: z.string(), createdAt: z.iso.datetime(), verified: z.boolean() })
export type BackupNote = z.output<typeof note>

/** For `hawser preflight`: when the last one was made. */
export async function noteBackup(dataDir: string, made: BackupNote): Promise<void> {
  const path = join(dataDir, NOTE)
  await writeFile(`${path}.part`, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 })
  await rename(`${path}.part`, path)
}

export async function lastBackup(dataDir: string): Promise<BackupNote | undefined> {
  try {
    return note.parse(JSON.parse(await readFile(join(dataDir, NOTE), 'utf8')))
  } catch {
    return undefined
  }
}
