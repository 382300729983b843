/** Backups as files: written aside, durable, and under their name only when they are whole. */
import { createReadStream } from 'node:fs'
import { link, open, rename, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { syncDirectory } from '#vault/sync-directory.ts'
import type { BackupKey } from './backup-key.ts'
import { CHUNK_BYTES, opened, sealed } from './container.ts'
import { readRecords, written, type BackupRecord } from './records.ts'

export const SUFFIX = '.hawser-backup'

/** The bytes of the file, as they come. */
export function backupBytes(records: AsyncIterable<BackupRecord>, key: BackupKey): AsyncIterable<Buffer> {
  return sealed(written(records), key)
}

export function openBackup(path: string, key: BackupKey): AsyncIterable<BackupRecord> {
  return readRecords(opened(fileBytes(path), key))
}

export function fileBytes(path: string): AsyncIterable<Buffer> {
  return createReadStream(path, { highWaterMark: 4 * CHUNK_BYTES }) as AsyncIterable<Buffer>
}

export interface PartFile {
  path: string
  bytes: number
  /** Gives the file its name. Throws if somebody else has it by now. */
  publish(): Promise<void>
}

/** Writes beside the place where the file will be (`.<name>.<random>.part`, 0600). A failure leaves nothing, a killed process the part. */
export async function writePart(path: string, bytes: AsyncIterable<Buffer>): Promise<PartFile> {
  const part = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.part`)
  const file = await open(part, 'wx', 0o600)
  let length = 0
  try {
    for await (const piece of bytes) {
      await file.appendFile(piece)
      length += piece.length
    }
    await file.sync()
  } catch (error) {
    await file.close()
    await unlink(part).catch(() => {})
    throw error
  }
  await file.close()
  return { path: part, bytes: length, publish: () => publish(part, path) }
}

/** `link` never overwrites. */
async function publish(part: string, path: string): Promise<void> {
  try {
    await link(part, path)
    await unlink(part)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') throw new Error(`${path} is there already; the new backup is ${part}`, { cause: error })
    // File systems without links (FAT, some network shares).
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EMLINK') throw error
    await rename(part, path)
  }
  await syncDirectory(dirname(path))
}
