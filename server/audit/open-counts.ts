import { createHmac, type KeyObject } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { syncDirectory } from '#vault/sync-directory.ts'
import type { Head } from './chain.ts'
import type { Counted, Counter } from './use-counters.ts'
import { ABANDONED_AFTER_MS, JournalFull } from './use-journal.ts'

/** Counters in one line. */
const LINE_COUNTERS = 500
/** Being counted; its process makes rows of it; another one does, since that process is gone. */
const [OPEN, CLOSED, ADOPTED] = ['.open', '.closed', '.adopted']
const MOST_FILES = 1_000

/** After which row of which chain the rows of these counts come. */
interface Place extends Head {
  chain: string
  minute: number
}

/** One line: `n` new counters, `c` their numbers and counts, `a` further addresses, `m` more addresses than are named, `p` persons. */
interface Line {
  n?: [number, string, Counted['actorKind'], string | null, string | null][]
  c?: [number, number, number][]
  a?: [number, ...string[]][]
  m?: number[]
  p?: [number, string][]
}

/** The counts of a minute that is not over, on this node's disk. */
export interface OpenCounts {
  /**
   * Returns when the counters survive a power cut as they are; `kept` of each says so. Throws JournalFull, Adopted, or the file system's error: then
   * `kept` stays as it was.
   */
  keep(counters: readonly Counter[]): Promise<void>
  /** No other process takes them from now on, while this one lives. False: one did, and makes the rows of what was kept. */
  claim(): Promise<boolean>
  touch(): Promise<void>
  remove(): Promise<void>
  /** Leaves the file to whoever starts next. */
  close(): Promise<void>
}

class Adopted extends Error {
  override readonly name = 'Adopted'
}

/**
 * Rows are made of what this file says and of nothing else: its process, and whoever finds it after a crash, come to the same rows with the same
 * places in the chain, so that nothing is counted twice. Each line is signed together with the one before.
 */
export async function createOpenCounts(folder: string, key: KeyObject, place: Place, maxBytes: number): Promise<OpenCounts> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const name = join(folder, `${place.chain}.${String(place.seq).padStart(16, '0')}`)
  let path = `${name}${OPEN}`
  const file = await open(path, 'wx', 0o600)
  let mac = ''
  let size = 0

  const append = async (texts: readonly string[]) => {
    let signature = mac
    const lines = texts.map((text) => `${(signature = macOf(key, signature, text))} ${text}\n`).join('')
    const bytes = Buffer.from(lines)
    if (size + bytes.length > maxBytes) throw new JournalFull('the minute has too many counts for the disk')
    try {
      await file.appendFile(bytes)
      await file.datasync()
    } catch (error) {
      await file.truncate(size).catch(() => {})
      throw error
    }
    mac = signature
    size += bytes.length
  }
  const isMine = async () => (await stat(path).catch(() => undefined))?.ino === (await file.stat()).ino

  try {
    await append([JSON.stringify({ ...place, hash: place.hash.toString('hex') })])
    await syncDirectory(folder)
  } catch (error) {
    await file.close()
    await unlink(path).catch(() => {})
    throw error
  }
  return {
    async keep(counters) {
      if (!(await isMine())) throw new Adopted('another process took the counts of this one for abandoned')
      const states = counters.map(stateOf)
      const texts: string[] = []
      for (let start = 0; start < counters.length; start += LINE_COUNTERS)
        texts.push(JSON.stringify(lineOf(counters.slice(start, start + LINE_COUNTERS), states.slice(start, start + LINE_COUNTERS))))
      await append(texts)
      for (const [index, counter] of counters.entries()) {
        counter.kept = states[index]
        counter.person = states[index]!.person
      }
    },
    async claim() {
      const now = new Date()
      await file.utimes(now, now)
      if (!(await isMine())) return false
      try {
        await rename(path, `${name}${CLOSED}`)
      } catch {
        return false
      }
      path = `${name}${CLOSED}`
      return true
    },
    // By the clock of the file system, which is what others compare it with.
    async touch() {
      const now = new Date()
      await file.utimes(now, now)
    },
    async remove() {
      await file.close()
      await unlink(path).catch(() => {})
    },
    close: () => file.close(),
  }
}

/** As it is now: it goes on being counted while the disk writes. */
function stateOf({ kept: _kept, personRow, number: _number, ...counter }: Counter): Counted {
  const person = counter.person ?? (personRow?.stored === true ? personRow.digest.toString('hex') : undefined)
  return { ...counter, addresses: [...counter.addresses], person }
}

function lineOf(counters: readonly Counter[], states: readonly Counted[]): Line {
  const line: Required<Line> = { n: [], c: [], a: [], m: [], p: [] }
  for (const [index, { number, kept }] of counters.entries()) {
    const now = states[index]!
    if (!kept) line.n.push([number, now.environmentId, now.actorKind, now.actorId ?? null, now.connectionId ?? null])
    line.c.push([number, now.count, now.unsafe])
    const further = now.addresses.slice(kept?.addresses.length ?? 0)
    if (further.length > 0) line.a.push([number, ...further])
    if (now.moreAddresses && kept?.moreAddresses !== true) line.m.push(number)
    if (now.person !== undefined && kept?.person === undefined) line.p.push([number, now.person])
  }
  return Object.fromEntries(Object.entries(line).filter(([, part]) => part.length > 0)) as Line
}

function macOf(key: KeyObject, before: string, text: string): string {
  return createHmac('sha256', key).update(`open counts\n${before}\n${text}`).digest('hex')
}

/** Files of processes that are gone. `nowMs` by the clock of the file system. */
export async function abandonedCounts(folder: string, ownChain: string, nowMs = Date.now()): Promise<string[]> {
  const names = (await readdir(folder).catch(() => []))
    .filter((name) => [OPEN, CLOSED, ADOPTED].some((suffix) => name.endsWith(suffix)) && !name.startsWith(ownChain))
    .sort()
    .slice(0, MOST_FILES)
  const found: string[] = []
  for (const name of names) {
    const state = await stat(join(folder, name)).catch(() => undefined)
    if (state && nowMs - state.mtimeMs >= ABANDONED_AFTER_MS) found.push(join(folder, name))
  }
  return found
}

export interface FoundCounts {
  place: Place
  counted: (Counted & { addresses: string[] })[]
}

/** Where the file is now; undefined: somebody else was faster. */
export async function adoptCounts(path: string): Promise<string | undefined> {
  const adopted = path.replace(/\.[a-z]+$/, ADOPTED!)
  try {
    if (path !== adopted) await rename(path, adopted)
    return adopted
  } catch {
    return undefined
  }
}

/** What the file says, as far as its process signed it; a last line without its end was being written when the process was killed. */
export async function readCounts(path: string, key: KeyObject): Promise<{ found: FoundCounts | undefined; damaged: boolean }> {
  const text = await readFile(path, 'utf8')
  const [first, ...lines] = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1)
  if (first === undefined) return { found: undefined, damaged: false }
  let mac = ''
  const signed = (line: string): unknown => {
    const json = line.slice(65)
    const expected = macOf(key, mac, json)
    if (line.slice(0, 65) !== `${expected} `) return undefined
    mac = expected
    return JSON.parse(json)
  }
  const header = signed(first) as (Omit<Place, 'hash'> & { hash: string }) | undefined
  if (!header) return { found: undefined, damaged: true }
  const found: FoundCounts = { place: { ...header, hash: Buffer.from(header.hash, 'hex') }, counted: [] }
  for (const text of lines) {
    const line = signed(text) as Line | undefined
    if (!line) return { found, damaged: true }
    apply(found.counted, line)
  }
  return { found, damaged: false }
}

function apply(counted: FoundCounts['counted'], line: Line): void {
  for (const [number, environmentId, actorKind, actorId, connectionId] of line.n ?? []) {
    const nothing = { count: 0, unsafe: 0, addresses: [], moreAddresses: false, person: undefined }
    counted[number] = { environmentId, actorKind, actorId: actorId ?? undefined, connectionId: connectionId ?? undefined, ...nothing }
  }
  for (const [number, count, unsafe] of line.c ?? []) Object.assign(counted[number]!, { count, unsafe })
  for (const [number, ...addresses] of line.a ?? []) counted[number]!.addresses.push(...addresses)
  for (const number of line.m ?? []) counted[number]!.moreAddresses = true
  for (const [number, person] of line.p ?? []) counted[number]!.person = person
}
