import type { KeyObject } from 'node:crypto'
import { mkdir, open, readdir, rename, stat, unlink, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncDirectory } from '#vault/sync-directory.ts'
import { flawOf, type AuditRow } from './chain.ts'

const SUFFIX = '.journal'
const PAGE_BYTES = 256 * 1024
/** A process touches its journal far more often than that; an older one belongs to a process that is gone. */
export const ABANDONED_AFTER_MS = 60_000

export class JournalFull extends Error {
  override readonly name = 'JournalFull'
}

export interface JournalPage {
  rows: AuditRow[]
  /** Where the next page begins. */
  next: number
}

export interface UseJournal {
  /** Returns when the rows survive a power cut. Throws JournalFull, or the file system's error: then none of them is kept. */
  append(rows: readonly AuditRow[]): Promise<void>
  /** The rows from `offset` on, about 256 KiB of them; no rows at the end. */
  page(offset: number): Promise<JournalPage>
  /** Forgets all rows. */
  clear(): Promise<void>
  /** Says to other processes on the folder that this one lives. */
  touch(): Promise<void>
  /** Removes the file, if it is empty. */
  close(): Promise<void>
}

/** Rows of one chain on this node's disk, one JSON a line, until the database has them. `folder` is made with mode 0700 on first use. */
export function createUseJournal(folder: string, chain: string, maxBytes: number): UseJournal {
  const path = join(folder, `${chain}${SUFFIX}`)
  let file: FileHandle | undefined
  let size = 0
  let last: Promise<unknown> = Promise.resolve()

  /** One after another: what is read must not be cut off meanwhile. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work)
    last = turn.catch(() => {})
    return turn
  }

  const opened = async (): Promise<FileHandle> => {
    // Another process may have taken it for abandoned, after this one was stopped for a minute.
    if (file && (await file.stat()).nlink === 0) {
      await file.close()
      file = undefined
    }
    if (file) return file
    await mkdir(folder, { recursive: true, mode: 0o700 })
    file = await open(path, 'a+', 0o600)
    size = (await file.stat()).size
    await syncDirectory(folder)
    return file
  }

  return {
    append: (rows) =>
      inTurn(async () => {
        const text = Buffer.from(rows.map((row) => `${lineOf(row)}\n`).join(''))
        if (size + text.length > maxBytes) throw new JournalFull('the journal of uses is full')
        const to = await opened()
        try {
          await to.appendFile(text)
          await to.datasync()
          size += text.length
        } catch (error) {
          // What may have been written of it is no whole batch.
          await to.truncate(size).catch(() => {})
          throw error
        }
      }),
    page: (offset) => inTurn(async () => (file ? readPage(file, offset) : { rows: [], next: offset })),
    clear: () =>
      inTurn(async () => {
        if (size > 0) await file?.truncate(0)
        size = 0
      }),
    // By the clock of the file system, which is what others compare it with.
    touch: () =>
      inTurn(async () => {
        const now = new Date()
        await file?.utimes(now, now)
      }),
    close: () =>
      inTurn(async () => {
        await file?.close()
        if (file && size === 0) await unlink(path).catch(() => {})
        file = undefined
      }),
  }
}

/** Journals that processes which are gone left behind. `nowMs` by the clock of the file system. */
export async function abandonedJournals(folder: string, own: string, nowMs = Date.now()): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(SUFFIX) && name !== `${own}${SUFFIX}`)
  const ages = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(folder, name)).catch(() => undefined))?.mtimeMs })),
  )
  return ages.filter(({ at }) => at !== undefined && nowMs - at >= ABANDONED_AFTER_MS).map(({ name }) => join(folder, name))
}

/**
 * Gives the rows of a left-behind journal to `insert`, page by page, and removes it. A file that was changed by somebody is kept under another
 * name and `damaged`; the rows before the change are inserted.
 */
export async function replayJournal(
  path: string,
  key: KeyObject,
  insert: (rows: AuditRow[]) => Promise<void>,
): Promise<{ rows: number; damaged: boolean }> {
  const file = await open(path, 'r')
  let rows = 0
  try {
    for (let offset = 0; ;) {
      const page = await readPage(file, offset)
      const sound = page.rows.findIndex((row) => flawOf(key, { seq: row.seq - 1, hash: row.previousHash }, row) !== undefined)
      const taken = sound === -1 ? page.rows : page.rows.slice(0, sound)
      if (taken.length > 0) await insert(taken)
      rows += taken.length
      if (sound !== -1 || page.damaged) {
        await rename(path, `${path}.damaged`)
        return { rows, damaged: true }
      }
      if (page.rows.length === 0) break
      offset = page.next
    }
  } finally {
    await file.close()
  }
  await unlink(path).catch(() => {})
  await syncDirectory(dirname(path))
  return { rows, damaged: false }
}

/** A last line without its end was being written when the process was killed: it counts as not written. */
async function readPage(file: FileHandle, offset: number): Promise<JournalPage & { damaged: boolean }> {
  const buffer = Buffer.allocUnsafe(PAGE_BYTES)
  const { bytesRead } = await file.read(buffer, 0, PAGE_BYTES, offset)
  const end = buffer.subarray(0, bytesRead).lastIndexOf(10)
  if (end === -1) return { rows: [], next: offset, damaged: bytesRead === PAGE_BYTES }
  const rows: AuditRow[] = []
  for (const line of buffer.toString('utf8', 0, end).split('\n')) {
    const row = parseLine(line)
    if (!row) return { rows, next: offset + end + 1, damaged: true }
    rows.push(row)
  }
  return { rows, next: offset + end + 1, damaged: false }
}

function lineOf({ previousHash, hash, at, ...row }: AuditRow): string {
  return JSON.stringify({ ...row, at: at.toISOString(), previousHash: previousHash.toString('hex'), hash: hash.toString('hex') })
}

function parseLine(line: string): AuditRow | undefined {
  try {
    const row = JSON.parse(line) as AuditRow & { at: string; previousHash: string; hash: string }
    const at = new Date(row.at)
    if (Number.isNaN(at.getTime()) || !Number.isSafeInteger(row.seq) || typeof row.chain !== 'string') return undefined
    return { ...row, at, previousHash: Buffer.from(row.previousHash, 'hex'), hash: Buffer.from(row.hash, 'hex') }
  } catch {
    return undefined
  }
}
