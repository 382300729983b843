import type { KeyObject } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { ANCHOR, NO_ENVIRONMENT, type Claim } from './anchors.ts'
import { flawOf, GENESIS, type AuditRow, type Head } from './chain.ts'
import { checkpointOf, isGenuine } from './checkpoint.ts'
import { acknowledgedGaps, GAP_ACKNOWLEDGED, unacknowledged, type AcknowledgedGap, type Gap } from './gaps.ts'
import { createHeadNotes } from './head-notes.ts'
import { digestWith } from './persons.ts'
import { chainsAfter, readChain } from './store.ts'
import { erasedAmong, lastBefore, personsOf, rowsClaimed, type CheckedClaim } from './verify-store.ts'

const IS_MISSING = 'is missing'
const ROWS_A_PAGE = 2_000
const CHAINS_A_PAGE = 200
const MOST_FAULTS = 100
/** Rows that name the ends of chains. */
const CLAIMING = new Set<string>([ANCHOR, GAP_ACKNOWLEDGED])

export interface Fault {
  chain: string
  /** Of the row; null where it is about the whole chain. */
  seq: number | null
  /** A sentence without its subject: `was altered …`. */
  what: string
  /** Rows that are not there; such a fault can be acknowledged. */
  missing?: Gap
}

export interface Verdict {
  chains: number
  rows: number
  /** Removed after their time of retention. */
  prunedChains: number
  /** Persons in rows whose names were erased. */
  erasedPersons: number
  /** Missing rows that somebody has accounted for, e.g. after a restore from a backup; they are no fault. */
  acknowledged: AcknowledgedGap[]
  /** The first 100. */
  faults: Fault[]
  /** Ends of the chains: keep them elsewhere, and a cut end shows even to who has lost all else. */
  heads: Claim[]
}

export interface VerifyOptions {
  kysely: Kysely<unknown>
  key: KeyObject
  /** The folder of this node's notes and journal. */
  folder?: string | undefined
  /** Heads of an earlier verdict, kept elsewhere. */
  remembered?: readonly Claim[] | undefined
  onProgress?: (rows: number) => void
}

/** Holds every row against its chain, and the chains against each other. In pages: memory does not grow with the trail, but for one line a chain. */
export async function verifyAudit(options: VerifyOptions): Promise<Verdict> {
  const found: Verdict = { chains: 0, rows: 0, prunedChains: 0, erasedPersons: 0, acknowledged: [], faults: [], heads: [] }
  const verdict: Finding = { ...found, gaps: await acknowledgedGaps(options.kysely, options.key) }
  const notes = options.folder === undefined ? [] : await createHeadNotes(options.folder).read()
  for (let after = NO_ENVIRONMENT; verdict.faults.length < MOST_FAULTS;) {
    const chains = await chainsAfter(options.kysely, after, CHAINS_A_PAGE)
    for (const chain of chains) await verifyChain(options, verdict, chain)
    if (chains.length < CHAINS_A_PAGE) break
    after = chains.at(-1)!
  }
  await holdClaims(options, verdict, options.remembered ?? [], 'as the given heads say')
  const noted = notes.map(({ chain, seq, hash }) => ({ chain, seq, hash: hash.toString('hex') }))
  await holdClaims(options, verdict, noted, 'as this node noted on its disk')
  const { gaps: _gaps, ...result } = verdict
  return { ...result, faults: verdict.faults.slice(0, MOST_FAULTS) }
}

/** A fault, unless these rows were acknowledged to be missing. `what` says it of the rows that are left. */
function addGap(verdict: Finding, seq: number, gap: Gap, what: (left: Gap) => string): void {
  const { left, touched } = unacknowledged(gap, verdict.gaps)
  for (const one of touched) if (!verdict.acknowledged.includes(one)) verdict.acknowledged.push(one)
  for (const part of left) verdict.faults.push({ chain: gap.chain, seq: part === gap ? seq : part.to, what: what(part), missing: part })
}

interface Finding extends Verdict {
  /** All that were ever acknowledged. */
  gaps: AcknowledgedGap[]
}

async function verifyChain(options: VerifyOptions, verdict: Finding, chain: string): Promise<void> {
  const { kysely, onProgress } = options
  verdict.chains += 1
  let before = await startOf(options, verdict, chain)
  if (before.seq > 0) verdict.prunedChains += 1
  for (let after = Number.MIN_SAFE_INTEGER; verdict.faults.length < MOST_FAULTS;) {
    const rows = await readChain(kysely, chain, after, ROWS_A_PAGE)
    // Rows may have been removed after their time since the checkpoint was read.
    if (after === Number.MIN_SAFE_INTEGER && rows[0] && rows[0].seq > before.seq + 1) before = await startOf(options, verdict, chain)
    before = holdRows(options.key, verdict, before, rows)
    const sound = rows.filter((row) => CLAIMING.has(row.action) && flawOf(options.key, before, row) !== 'altered')
    for (const row of sound) await holdClaims(options, verdict, claimsOf(row), `as row ${row.seq} of chain ${row.chain} says`)
    await holdPersons(options, verdict, rows)
    verdict.rows += rows.length
    onProgress?.(verdict.rows)
    if (rows.length < ROWS_A_PAGE) break
    after = rows.at(-1)!.seq
  }
  if (before.seq > 0) verdict.heads.push({ chain, seq: before.seq, hash: before.hash.toString('hex') })
}

async function startOf({ kysely, key }: VerifyOptions, verdict: Finding, chain: string): Promise<Head> {
  const checkpoint = await checkpointOf(kysely, chain)
  if (!checkpoint) return GENESIS
  if (isGenuine(key, checkpoint)) return { seq: checkpoint.seq, hash: checkpoint.hash }
  verdict.faults.push({ chain, seq: null, what: 'has a forged checkpoint: who wrote it did not have the key' })
  return GENESIS
}

/** Returns what the next row must follow: the last row as it is stored, so that one fault does not make all later rows look faulty. */
function holdRows(key: KeyObject, verdict: Finding, start: Head, rows: readonly AuditRow[]): Head {
  let before = start
  for (const row of rows) {
    const flaw = flawOf(key, before, row)
    const fault = (what: string) => verdict.faults.push({ chain: row.chain, seq: row.seq, what })
    if (flaw === 'altered') fault('was altered, or was not written by this installation: its hash does not fit what it says')
    if (flaw === 'unlinked') fault('does not follow the row before it')
    if (flaw === 'gap' && row.seq <= before.seq) fault('was removed once and is back')
    else if (flaw === 'gap') {
      const gap = { chain: row.chain, from: before.seq + 1, to: row.seq - 1 }
      addGap(verdict, row.seq, gap, ({ from, to }) => `follows a gap: rows ${from} to ${to} are missing`)
    }
    if (verdict.faults.length >= MOST_FAULTS) return before
    if (row.seq > before.seq) before = row
  }
  return { seq: before.seq, hash: before.hash }
}

function claimsOf(row: AuditRow): Claim[] {
  const heads = row.subject['heads']
  return Array.isArray(heads) ? (heads as Claim[]) : []
}

async function holdClaims(options: VerifyOptions, verdict: Finding, claims: readonly Claim[], source: string): Promise<void> {
  for (const claim of await rowsClaimed(options.kysely, claims)) {
    if (claim.found === claim.claimed || (claim.found === null && (await isExplained(options, claim)))) continue
    if (claim.found === null) await addMissing(options, verdict, claim, source)
    else addReplaced(verdict, claim, source)
  }
}

function addReplaced(verdict: Finding, { chain, seq }: CheckedClaim, source: string): void {
  const what = 'is not the row that was there once'
  if (verdict.faults.some((fault) => fault.chain === chain && fault.seq === seq && fault.what.startsWith(what))) return
  verdict.faults.push({ chain, seq, what: `${what}, ${source}` })
}

/** Many claims may say that the end of one chain is missing: that is one gap, up to the latest of them. */
async function addMissing({ kysely }: VerifyOptions, verdict: Finding, { chain, seq }: CheckedClaim, source: string): Promise<void> {
  const ofChain = verdict.faults.filter(({ missing }) => missing?.chain === chain)
  if (ofChain.some(({ missing }) => missing!.from <= seq && seq <= missing!.to)) return
  const known = verdict.faults.findIndex(({ missing, what }) => missing?.chain === chain && what.startsWith(IS_MISSING))
  const gap = { chain, from: (await lastBefore(kysely, chain, seq)) + 1, to: seq }
  if (known !== -1) verdict.faults.splice(known, 1)
  addGap(verdict, seq, gap, () => `${IS_MISSING}: it was there once, ${source}`)
}

/** Removed after its time, or still on the way from this node's journal. */
async function isExplained({ kysely, key, folder }: VerifyOptions, claim: CheckedClaim): Promise<boolean> {
  const checkpoint = await checkpointOf(kysely, claim.chain)
  if (checkpoint && isGenuine(key, checkpoint)) {
    if (checkpoint.seq === claim.seq) return checkpoint.hash.toString('hex') === claim.claimed
    if (checkpoint.seq > claim.seq) return true
  }
  if (folder === undefined) return false
  const journal = await stat(join(folder, `${claim.chain}.journal`)).catch(() => undefined)
  if (journal && journal.size > 0) return true
  // It may have arrived since.
  return (await rowsClaimed(kysely, [{ chain: claim.chain, seq: claim.seq, hash: claim.claimed }]))[0]?.found === claim.claimed
}

async function holdPersons({ kysely }: VerifyOptions, verdict: Finding, rows: readonly AuditRow[]): Promise<void> {
  const byDigest = new Map<string, AuditRow>()
  for (const row of rows) {
    const digest = row.subject['person']
    if (typeof digest === 'string' && /^[0-9a-f]{64}$/.test(digest) && !byDigest.has(digest)) byDigest.set(digest, row)
  }
  const persons = await personsOf(kysely, [...byDigest.keys()])
  const missing = [...byDigest.keys()].filter((digest) => !persons.has(digest))
  const erased = await erasedAmong(kysely, missing)
  verdict.erasedPersons += erased.size
  for (const [digest, { chain, seq }] of byDigest) {
    const person = persons.get(digest)
    if (person && !digestWith(person.salt, person).equals(person.digest))
      verdict.faults.push({ chain, seq, what: 'names a person that was altered beside it' })
    if (!person && !erased.has(digest)) verdict.faults.push({ chain, seq, what: 'lost its person without an erasure on record' })
  }
}
