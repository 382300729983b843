import type { KeyObject } from 'node:crypto'
import { randomBytes } from 'node:crypto'
import { mkdir, open as openFile, readFile, readdir, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CannotOpen, open, seal } from './envelope.ts'
import { syncDirectory } from './sync-directory.ts'

/** A name for one stored token set; unique, also among several of one grant and version. */
export type SpoolId = string & { readonly __spool: never }

export type SpoolEntry = {
  id: SpoolId
  grantId: string
  version: number
  /** When the database had it (ms since 1970), or null while it does not. */
  committedAt: number | null
}

/**
 * New tokens on the local disk, for the time in which the database does not have them, or might lose them again (restored from a backup).
 * One file an entry, sealed; several processes may share the directory.
 */
export type Spool = {
  /** Returns when the entry survives a power cut. `sealed` is kept as it is, and encrypted once more. @throws SpoolUnwritable */
  put: (entry: { grantId: string; version: number; sealed: Buffer }) => Promise<SpoolId>
  /** Lowest version first. Reads names only; a half-written entry has none. */
  list: () => Promise<SpoolEntry[]>
  /** What was put, or null if the entry is gone, damaged, or was written under another key. */
  read: (id: SpoolId) => Promise<Buffer | null>
  /** The database has it: the entry goes 24 h after `at`. Of an entry that is gone or marked already, nothing happens. */
  markCommitted: (id: SpoolId, at: number) => Promise<void>
  /** Removes an entry that will never be stored (another answer won). */
  discard: (id: SpoolId) => Promise<void>
  /** Removes what was committed 24 h ago, what a later committed version of its grant replaces, and left-over parts. Returns how many. */
  sweep: (now: number) => Promise<number>
  /** Whether a `put` would succeed now; for readiness. Writes a byte to find out. */
  writable: () => Promise<boolean>
}

/** New tokens could not be put on disk. `reason` is the file system's code, or `full`, or `too_large`. */
export class SpoolUnwritable extends Error {
  readonly code = 'ERR_SPOOL_UNWRITABLE'
  override readonly name = 'SpoolUnwritable'
  readonly reason: string
  constructor(reason: string) {
    super(`the spool of new tokens cannot be written (${reason})`)
    this.reason = reason
  }
}

export type SpoolOptions = {
  keepCommittedMs?: number
  maxEntries?: number
  maxEntryBytes?: number
}

const PART_MAX_AGE_MS = 10 * 60_000
// `<grant>.<version>.<suffix>.spool`, once committed `<grant>.<version>.<suffix>.<ms>.done`: a mark is one rename, never a rewrite.
const FILE_NAME = /^([A-Za-z0-9_-]{1,64})\.(\d{1,15})\.([0-9a-f]{1,32})\.(?:spool|(\d{1,15})\.done)$/
const PART_NAME = /^\.[0-9a-f]+\.part$/

type SpoolFile = SpoolEntry & { fileName: string }

const parseFileName = (fileName: string): SpoolFile | null => {
  const [, grantId, version, suffix, committedAt] = FILE_NAME.exec(fileName) ?? []
  if (grantId === undefined) return null
  const id = `${grantId}.${version}.${suffix}` as SpoolId
  return { id, grantId, version: Number(version), committedAt: committedAt === undefined ? null : Number(committedAt), fileName }
}

const isSpoolId = (id: string): boolean => parseFileName(`${id}.spool`) !== null

const aadOf = (grantId: string, version: number): string => `spool:${grantId}:${version}`

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** Undefined in place of "no such file": another process of this directory may have been quicker. */
const ifThere = async <T>(work: Promise<T>): Promise<T | undefined> => {
  try {
    return await work
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

const namesIn = async (dir: string): Promise<string[]> => (await ifThere(readdir(dir))) ?? []

const filesIn = async (dir: string): Promise<SpoolFile[]> => (await namesIn(dir)).map(parseFileName).filter((file) => file !== null)

const newPart = (dir: string): string => join(dir, `.${randomBytes(8).toString('hex')}.part`)

/** Content first, then its name, each on disk before the next: a file with a final name is a whole one. */
const writeDurably = async (dir: string, fileName: string, content: Buffer): Promise<void> => {
  const part = newPart(dir)
  const file = await openFile(part, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(part, join(dir, fileName))
  await syncDirectory(dir)
}

const removeOldParts = async (dir: string, now: number): Promise<void> => {
  for (const name of (await namesIn(dir)).filter((each) => PART_NAME.test(each))) {
    const found = await ifThere(stat(join(dir, name)))
    if (found && now - found.mtimeMs > PART_MAX_AGE_MS) await ifThere(unlink(join(dir, name)))
  }
}

/** The files that are no longer needed at `now`. */
const expired = (files: SpoolFile[], now: number, keepCommittedMs: number): SpoolFile[] => {
  const committedVersion = new Map<string, number>()
  for (const { grantId, version, committedAt } of files) {
    if (committedAt !== null) committedVersion.set(grantId, Math.max(version, committedVersion.get(grantId) ?? 0))
  }
  return files.filter(
    ({ grantId, version, committedAt }) =>
      (committedAt !== null && now - committedAt >= keepCommittedMs) || version < (committedVersion.get(grantId) ?? 0),
  )
}

const canWrite = async (dir: string): Promise<boolean> => {
  const part = newPart(dir)
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    await writeFile(part, '.', { mode: 0o600, flag: 'wx' })
    await unlink(part)
    return true
  } catch {
    await unlink(part).catch(() => {}) // a full disk lets the file be made, and not written
    return false
  }
}

/** `dir` is made with mode 0700 on first use. `key`: 32 bytes of its own (`LocalKey.derive('spool')`). */
export const createSpool = (dir: string, key: KeyObject | Buffer, options: SpoolOptions = {}): Spool => {
  const { keepCommittedMs = 24 * 3_600_000, maxEntries = 100_000, maxEntryBytes = 256 * 1024 } = options
  let entries: number | undefined // counted once, then kept up by put and sweep: a bound, not an account

  const fileOf = async (id: SpoolId): Promise<SpoolFile | undefined> => (await filesIn(dir)).find((file) => file.id === id)
  const isFull = async (): Promise<boolean> => (entries ??= (await filesIn(dir)).length) >= maxEntries

  const put: Spool['put'] = async ({ grantId, version, sealed }) => {
    const id = `${grantId}.${version}.${randomBytes(8).toString('hex')}` as SpoolId
    if (!isSpoolId(id)) throw new Error('spool: a grant id is letters, digits, - and _; a version a whole number')
    if (sealed.length > maxEntryBytes) throw new SpoolUnwritable('too_large')
    try {
      await mkdir(dir, { recursive: true, mode: 0o700 })
      if (await isFull()) throw new SpoolUnwritable('full')
      await writeDurably(dir, `${id}.spool`, seal(key, aadOf(grantId, version), sealed))
    } catch (error) {
      throw error instanceof SpoolUnwritable ? error : new SpoolUnwritable((error as NodeJS.ErrnoException).code ?? 'unknown')
    }
    entries = (entries ?? 0) + 1
    return id
  }

  const read: Spool['read'] = async (id) => {
    const file = parseFileName(`${id}.spool`)
    if (file === null) return null
    const content = (await ifThere(readFile(join(dir, file.fileName)))) ?? (await readMarked(id))
    if (content === undefined) return null
    try {
      return open(key, aadOf(file.grantId, file.version), content)
    } catch (error) {
      if (error instanceof CannotOpen) return null
      throw error
    }
  }

  const readMarked = async (id: SpoolId): Promise<Buffer | undefined> => {
    const marked = await fileOf(id)
    return marked && ifThere(readFile(join(dir, marked.fileName)))
  }

  const removeFiles = async (files: SpoolFile[]): Promise<number> => {
    for (const file of files) await ifThere(unlink(join(dir, file.fileName)))
    if (entries !== undefined) entries = Math.max(0, entries - files.length)
    return files.length
  }

  return {
    put,
    read,
    list: async () => (await filesIn(dir)).map(({ fileName: _, ...entry }) => entry).sort((a, b) => a.version - b.version),
    // Not fsynced: a mark that a power cut takes back only keeps the entry longer.
    markCommitted: async (id, at) => {
      if (isSpoolId(id)) await ifThere(rename(join(dir, `${id}.spool`), join(dir, `${id}.${Math.trunc(at)}.done`)))
    },
    discard: async (id) => {
      const file = await fileOf(id)
      if (file) await removeFiles([file])
    },
    sweep: async (now) => {
      await removeOldParts(dir, now)
      const files = await filesIn(dir)
      entries = files.length
      return removeFiles(expired(files, now, keepCommittedMs))
    },
    writable: async () => (await canWrite(dir)) && !(await isFull()),
  }
}
