import type { Kysely } from 'kysely'
import type { AuditEntry, Head } from './chain.ts'
import type { HeadNotes } from './head-notes.ts'
import { newestHeads } from './store.ts'

export const ANCHOR = 'audit.anchor'
/** Rows that concern the whole installation. */
export const NO_ENVIRONMENT = '00000000-0000-0000-0000-000000000000'
const ANCHORED_CHAINS = 100

export interface NamedHead extends Head {
  chain: string
}

/** As an anchor's `subject.heads` holds it. */
export interface Claim {
  chain: string
  seq: number
  hash: string
}

export interface Anchors {
  /** The first row of a chain: the ends of all chains that it can know, also those that the disk remembers and the database lost. */
  opening(): Promise<AuditEntry>
  /** Undefined when no other chain went on since the last one, except by an anchor. */
  next(): Promise<AuditEntry | undefined>
}

/** Each chain holds the ends of the others, so that rows cut off an end show, and whole chains that are gone. */
export function createAnchors(kysely: Kysely<unknown>, own: string, notes: HeadNotes | undefined, now: () => number): Anchors {
  const named = new Map<string, number>()

  const entry = (heads: readonly NamedHead[]): AuditEntry => ({
    environmentId: NO_ENVIRONMENT,
    at: new Date(now()),
    actor: { kind: 'server' },
    action: ANCHOR,
    subject: { heads: heads.map((head): Claim => ({ chain: head.chain, seq: head.seq, hash: head.hash.toString('hex') })) },
    count: 1,
  })
  const remember = (heads: readonly NamedHead[]) => {
    for (const { chain, seq } of heads) named.set(chain, Math.max(seq, named.get(chain) ?? 0))
  }

  return {
    async opening() {
      const heads = (await newestHeads(kysely, ANCHORED_CHAINS)).filter(({ chain }) => chain !== own)
      const ends = new Map(heads.map(({ chain, seq }) => [chain, seq]))
      const lost = ((await notes?.read()) ?? []).filter(({ chain, seq }) => chain !== own && seq > (ends.get(chain) ?? 0))
      remember(heads)
      return entry([...heads, ...lost])
    },
    async next() {
      const heads = (await newestHeads(kysely, ANCHORED_CHAINS)).filter(({ chain, seq, action }) => {
        const steps = seq - (named.get(chain) ?? 0)
        // Two idle nodes would else answer each other's anchors for ever.
        return chain !== own && steps > 0 && !(steps === 1 && action === ANCHOR && seq > 1)
      })
      if (heads.length === 0) return undefined
      remember(heads)
      return entry(heads)
    },
  }
}
