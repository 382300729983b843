import type { Kit } from '../kit.ts'
import { EgressRefused } from '#egress/egress-refused.ts'
import { RequestFailed, requestSmall } from '#egress/small-request.ts'
import { reveal, type Secret } from '#lib/secret.ts'
import { alertFact, alertText } from './alert.ts'
import { nextAttemptAt } from './retry-schedule.ts'
import { claimAlerts, postponeAlerts, setAlertsDelivered, setAlertsGivenUp, type ClaimedAlert } from './store.ts'

const TIMEOUT_MS = 15_000
const MAX_ANSWER_BYTES = 64 * 1024
/** Of one message; what is left comes with the next. */
const MOST_FACTS = 5_000
/** Longer than the call may take: so long nobody else sends the same facts. */
const CLAIM_MS = 2 * TIMEOUT_MS

export type AlertKit = Pick<Kit, 'clock' | 'db' | 'egress' | 'log'>

export interface AlertTarget {
  url: Secret | undefined
  publicUrl: string
}

/**
 * The job, once a minute: all facts that wait become one message, so a thousand connections that break at once make one, and nobody gets more than
 * one a minute. A failed attempt is made again like a webhook's, for three days. Never throws for what the receiver does.
 */
export async function deliverAlerts(kit: AlertKit, target: AlertTarget, random = Math.random): Promise<void> {
  const claimed = await claimAlerts(kit.db.kysely, { limit: MOST_FACTS, claimMs: CLAIM_MS })
  if (claimed.length === 0) return
  const ids = idsOf(claimed)
  if (target.url === undefined) return setAlertsGivenUp(kit.db.kysely, ids, 'HAWSER_ALERT_URL is not set any more')
  const error = await post(kit, reveal(target.url), textOf(claimed, target.publicUrl))
  if (error === undefined) return setAlertsDelivered(kit.db.kysely, ids)
  kit.log.warn({ alerts: ids.length, reason: error }, 'an alert was not taken by HAWSER_ALERT_URL')
  await settleFailed(kit, claimed, error, random())
}

/** What is too old goes, and only that: facts of a minute ago may have been part of the same message. */
async function settleFailed(kit: AlertKit, claimed: readonly ClaimedAlert[], error: string, random: number): Promise<void> {
  const nowMs = kit.clock.now()
  const nextAt = ({ createdAt, attempts }: ClaimedAlert) => nextAttemptAt({ createdAtMs: createdAt.getTime(), nowMs, attempts, random })
  // Oldest first, so what is over stands before what is not.
  const over = claimed.filter((alert) => nextAt(alert) === undefined)
  if (over.length > 0) await setAlertsGivenUp(kit.db.kysely, idsOf(over), error)
  const rest = claimed.slice(over.length)
  const next = rest[0] && nextAt(rest[0])
  if (next !== undefined) await postponeAlerts(kit.db.kysely, idsOf(rest), next - nowMs, error)
}

function idsOf(alerts: readonly ClaimedAlert[]): string[] {
  return alerts.map((alert) => alert.id)
}

function textOf(claimed: readonly ClaimedAlert[], publicUrl: string): string {
  const facts = claimed.flatMap(({ payload }) => alertFact.safeParse(payload).data ?? [])
  return alertText(facts, publicUrl)
}

/** Why it failed; undefined when it went well. The address is a secret and never part of the reason. */
async function post(kit: AlertKit, url: string, text: string): Promise<string | undefined> {
  try {
    const answer = await requestSmall(kit.egress, {
      url,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text }),
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_ANSWER_BYTES,
      redirects: 'answer',
    })
    return answer.status >= 200 && answer.status < 300 ? undefined : `the receiver answered ${answer.status}`
  } catch (error) {
    if (error instanceof EgressRefused) return 'the address is refused; an operator can allow a host with HAWSER_TRUSTED_HOSTS'
    if (!(error instanceof RequestFailed)) throw error
    return error.status !== null && error.status < 300 ? undefined : error.message
  }
}
