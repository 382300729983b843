/** What of the data directory belongs to a backup: tokens that the database may lack, and what vouches for the audit trail. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BackupRecord, Summary } from './records.ts'
import { PIECE_BYTES } from './records.ts'
import { DamagedBackup } from './damaged.ts'

/** `<folder>/<file>`; nothing else of a data directory is written by a restore, whatever a file says. */
const PATHS =
  /^(?:spool\/[A-Za-z0-9_-]{1,64}\.\d{1,15}\.[0-9a-f]{1,32}\.(?:spool|\d{1,15}\.done)|audit\/[0-9a-f-]{36}\.(?:head|journal)|vault\.key)$/
const MOST_FILES = 100_000

export type Part = 'audit' | 'spool'

/**
 * The files of one part. The audit's are read before the database's snapshot is taken, since they must not say more than it holds; the spool's after
 * it, since every token that came later is in there.
 */
export async function* dataFiles(dataDir: string, part: Part, files: Summary['files']): AsyncGenerator<BackupRecord> {
  const seen = new Set<string>()
  // A spool entry gets another name once it is committed, perhaps at this moment: a second look finds it.
  for (let look = 0; look < 2; look++) {
    const names = (await readdir(join(dataDir, part)).catch(() => [])).filter((name) => PATHS.test(`${part}/${name}`)).slice(0, MOST_FILES)
    for (const name of names) {
      const entry = name.split('.').slice(0, 3).join('.')
      if (seen.has(entry)) continue
      const written = yield* oneFile(dataDir, `${part}/${name}`)
      if (!written) continue
      seen.add(entry)
      files.push(written)
    }
  }
}

/** Undefined: it is gone. */
export async function* oneFile(
  dataDir: string,
  path: string,
  name = path,
): AsyncGenerator<BackupRecord, Summary['files'][number] | undefined> {
  const file = await open(join(dataDir, path), 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!file) return undefined
  const hash = createHash('sha256')
  let bytes = 0
  // Journals grow while they are read; what was there at the beginning is taken.
  const { size } = await file.stat()
  yield { kind: 'F', value: { path: name } }
  if (size > 0) {
    const stream = createReadStream('', { fd: file, start: 0, end: size - 1, highWaterMark: PIECE_BYTES })
    for await (const piece of stream as AsyncIterable<Buffer>) {
      hash.update(piece)
      bytes += piece.length
      yield { kind: 'D', bytes: piece }
    }
  }
  await file.close().catch(() => {})
  const sha256 = hash.digest('hex')
  yield { kind: 'G', value: { bytes, sha256 } }
  return { path: name, bytes, sha256 }
}

/** Takes the files of a backup. `dataDir` undefined: they are only checked. Files that are there already stay: they may be newer. */
export function fileTaker(dataDir: string | undefined): {
  start(path: string): Promise<void>
  piece(bytes: Buffer): Promise<void>
  end(said: { bytes: number; sha256: string }): Promise<Summary['files'][number]>
  kept: string[]
  close(): Promise<void>
} {
  let path = ''
  let file: Awaited<ReturnType<typeof open>> | undefined
  let hash = createHash('sha256')
  let bytes = 0
  const kept: string[] = []
  return {
    kept,
    async start(name) {
      if (!PATHS.test(name)) throw new DamagedBackup(`the backup holds a file "${name.slice(0, 100)}", which does not belong in one`)
      ;[path, bytes, hash] = [name, 0, createHash('sha256')]
      if (dataDir === undefined) return
      const target = join(dataDir, name)
      await mkdir(dirname(target), { recursive: true, mode: 0o700 })
      file = await open(target, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error
        kept.push(name)
        return undefined
      })
    },
    async piece(piece) {
      hash.update(piece)
      bytes += piece.length
      await file?.appendFile(piece)
    },
    async end(said) {
      await file?.sync()
      await file?.close()
      file = undefined
      const sha256 = hash.digest('hex')
      if (sha256 !== said.sha256 || bytes !== said.bytes) throw new DamagedBackup(`the file ${path} in the backup is not what was written`)
      return { path, bytes, sha256 }
    },
    async close() {
      await file?.close()
    },
  }
}
