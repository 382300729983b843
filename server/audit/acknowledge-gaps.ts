import { createHeadNotes } from './head-notes.ts'
import { NO_ENVIRONMENT, type Claim } from './anchors.ts'
import { GAP_ACKNOWLEDGED, type Gap } from './gaps.ts'
import type { Audit } from './record-disclosure.ts'
import { verifyAudit, type Verdict, type VerifyOptions } from './verify-audit.ts'

/** A verdict names 100 faults; each round acknowledges those. */
const MOST_ROUNDS = 20

export interface Acknowledgement {
  /** What was acknowledged now. */
  gaps: Gap[]
  /** How the trail stands afterwards. */
  verdict: Verdict
}

/**
 * After a restore from a backup: says in the trail, for good, which rows are missing, why, and who says so. Exactly those that are missing now: the
 * row also names the ends that are left of these chains, so that whatever goes later shows as before. What was altered stays a fault. The notes in
 * the data directory follow.
 */
export async function acknowledgeGaps(
  options: VerifyOptions & { audit: Pick<Audit, 'changed'> },
  { reason, by }: { reason: string; by: string },
): Promise<Acknowledgement> {
  const acknowledged: Gap[] = []
  let verdict = await verifyAudit(options)
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const gaps = verdict.faults.flatMap(({ missing }) => missing ?? [])
    if (gaps.length === 0) break
    const chains = new Set(gaps.map(({ chain }) => chain))
    const heads = verdict.heads.filter(({ chain }) => chains.has(chain))
    await options.audit.changed({
      environmentId: NO_ENVIRONMENT,
      actor: { kind: 'command_line', id: by },
      action: GAP_ACKNOWLEDGED,
      subject: { reason, gaps, heads },
    })
    acknowledged.push(...gaps)
    await moveNotes(options.folder, gaps, heads)
    verdict = await verifyAudit(options)
  }
  return { gaps: acknowledged, verdict }
}

/** To what is left of their chains. */
async function moveNotes(folder: string | undefined, gaps: readonly Gap[], heads: readonly Claim[]): Promise<void> {
  if (folder === undefined) return
  const notes = createHeadNotes(folder)
  for (const { chain, seq } of await notes.read()) {
    if (!gaps.some((gap) => gap.chain === chain && gap.from <= seq && seq <= gap.to)) continue
    const head = heads.find((one) => one.chain === chain)
    if (head) await notes.write([{ chain, seq: head.seq, hash: Buffer.from(head.hash, 'hex') }])
    else await notes.remove(chain)
  }
}
