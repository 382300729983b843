import type { Kit } from '../kit.ts'
import type { Diagnosis } from '#diagnosis/diagnose.ts'
import { diagnoseDelivery } from '#diagnosis/webhook-failures.ts'
import { EgressRefused } from '#egress/egress-refused.ts'
import { RequestFailed, requestSmall } from '#egress/small-request.ts'
import { newId } from '#lib/ids.ts'
import { PRODUCT } from '#lib/product.ts'
import { redactJsonText } from '#telemetry/redact-json-text.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { givenUpAlert } from './alert.ts'
import { deliveryKey } from './record-event.ts'
import { nextAttemptAt, retryAfterMs } from './retry-schedule.ts'
import { signatureHeaders } from './sign-webhook.ts'
import { sortedJson } from './sorted-json.ts'
import { TEST_TYPE } from './test-type.ts'
import { storableJson } from './storable-json.ts'
import { countFailedAttempt, findWaitingEvent, insertAlert, setDelivered, setGivenUp, type Try, type WaitingEvent } from './store.ts'

const TIMEOUT_MS = 20_000
/** Nobody reads the answer's body. */
const MAX_ANSWER_BYTES = 64 * 1024
const USER_AGENT = `${PRODUCT.toLowerCase()}/${packageJson.version}`

export interface DeliveryOptions {
  timeoutMs?: number
  /** From 0 to 1, for the jitter. */
  random?: () => number
  /** Whether somebody reads alerts. */
  alerts?: boolean
  /** Hears of every attempt. */
  note?: ((delivery: NotedDelivery) => void) | undefined
}

export interface NotedDelivery {
  event: Pick<WaitingEvent, 'environmentId' | 'connectionId' | 'type' | 'url' | 'payload'>
  /** When it was over; ms since 1970. */
  at: number
  tried: Try
  diagnosis: Diagnosis | undefined
}

export type DeliveryKit = Pick<Kit, 'clock' | 'db' | 'egress' | 'log' | 'queue' | 'vault'>

/** How an attempt ended. `retry` only where a later attempt may do better. */
type Outcome = { status?: number; answer?: string } & (
  | { delivered: true }
  | { delivered: false; diagnosis: Diagnosis; retry: boolean; retryAfterMs?: number | undefined }
)

/**
 * Posts one event of the outbox, at least once: a receiver that sees a `webhook-id` again has lost nothing by dropping it. A settled event is left
 * alone, so the job may run twice. A failure is put back into the queue for its time, and so is never an error of the job.
 */
export async function deliverEvent(kit: DeliveryKit, eventId: string, options: DeliveryOptions = {}): Promise<void> {
  const event = await findWaitingEvent(kit.db.kysely, eventId)
  if (!event) return
  const startedAt = kit.clock.now()
  const outcome = await post(kit, event, options.timeoutMs ?? TIMEOUT_MS)
  const at = kit.clock.now()
  const tried = triedOf(outcome, startedAt, at)
  options.note?.({ event, at, tried, diagnosis: outcome.delivered ? undefined : outcome.diagnosis })
  if (outcome.delivered) return setDelivered(kit.db.kysely, event.id, tried)
  // Somebody waits at the screen for the outcome of a test.
  const nextAt =
    outcome.retry && event.type !== TEST_TYPE
      ? nextAttemptAt({
          createdAtMs: event.createdAt.getTime(),
          nowMs: kit.clock.now(),
          attempts: event.attempts + 1,
          retryAfterMs: outcome.retryAfterMs,
          random: (options.random ?? Math.random)(),
        })
      : undefined
  if (nextAt === undefined) {
    kit.log.warn({ eventId, attempts: event.attempts + 1, diagnosis: outcome.diagnosis.code }, 'a webhook is given up')
    return giveUp(kit, event, outcome.diagnosis, tried, options.alerts === true && event.type !== TEST_TYPE)
  }
  await kit.db.kysely.transaction().execute(async (transaction) => {
    if (!(await countFailedAttempt(transaction, event.id, lineOf(outcome.diagnosis), tried, new Date(nextAt)))) return
    await kit.queue.add('deliver-event', { eventId }, { key: deliveryKey(eventId), runAt: new Date(nextAt) }, transaction)
  })
}

async function giveUp(kit: DeliveryKit, event: WaitingEvent, diagnosis: Diagnosis, tried: Try, alerts: boolean): Promise<void> {
  await kit.db.kysely.transaction().execute(async (transaction) => {
    if (!(await setGivenUp(transaction, event.id, lineOf(diagnosis), tried)) || !alerts) return
    const fact = givenUpAlert(event.payload, event.environmentName, diagnosis.title)
    const { environmentId, connectionId } = event
    await insertAlert(transaction, { id: newId(kit.clock.now()), environmentId, connectionId, payload: storableJson(fact) })
  })
}

async function post(kit: DeliveryKit, event: WaitingEvent, timeoutMs: number): Promise<Outcome> {
  const body = sortedJson(event.payload)
  const { host } = new URL(event.url)
  const signatures = signatureHeaders(await signingKeyOf(kit, event), { id: event.id, timestampMs: kit.clock.now(), body })
  const headers = { 'content-type': 'application/json', 'user-agent': USER_AGENT, ...signatures }
  try {
    const answer = await requestSmall(kit.egress, {
      url: event.url,
      method: 'POST',
      headers,
      body,
      timeoutMs,
      maxBytes: MAX_ANSWER_BYTES,
      redirects: 'answer',
    })
    const retryAfter = answer.headers['retry-after']
    const waitMs = retryAfterMs(typeof retryAfter === 'string' ? retryAfter : undefined, kit.clock.now())
    return { ...outcomeOf(host, answer.status, waitMs), answer: answer.bodyText }
  } catch (error) {
    // An address that the guard refuses stays refused until somebody changes a setting.
    if (error instanceof EgressRefused) return { delivered: false, diagnosis: diagnoseDelivery({ host, blocked: true }), retry: false }
    if (!(error instanceof RequestFailed)) throw error
    // The status arrived, only the body did not: the receiver has spoken.
    if (error.status !== null) return outcomeOf(host, error.status, undefined)
    const { kind } = error
    const network = kind === 'redirect' || kind === 'too_large' ? 'other' : kind
    const diagnosis = diagnoseDelivery(network === 'blocked' ? { host, blocked: true } : { host, network })
    return { delivered: false, diagnosis, retry: kind !== 'blocked' }
  }
}

async function signingKeyOf({ vault }: DeliveryKit, event: WaitingEvent): Promise<string> {
  await vault.ready(event.environmentId)
  return vault.openSealed(event.environmentId, event.webhookDataKey, event.webhookKey, 'webhook-key', event.environmentId).toString('utf8')
}

const MOST_KEPT = 1024

function triedOf(outcome: Outcome, startedAt: number, at: number): Try {
  const { status, answer } = outcome
  return {
    at: new Date(startedAt).toISOString(),
    status: status ?? null,
    duration_ms: Math.max(0, Math.round(at - startedAt)),
    error: outcome.delivered ? null : { code: outcome.diagnosis.code, title: outcome.diagnosis.title },
    answer:
      answer === undefined || answer === ''
        ? null
        : redactJsonText(answer.slice(0, 4 * MOST_KEPT))
            .toWellFormed()
            .replaceAll('\0', '')
            .slice(0, MOST_KEPT),
  }
}

/** What the row keeps of an attempt. */
function lineOf({ code, title, evidence }: Diagnosis): string {
  return `${code}: ${title}${evidence['status'] === undefined ? '' : ` (${evidence['status']})`}`
}

function outcomeOf(host: string, status: number, retryAfter: number | undefined): Outcome {
  if (status >= 200 && status < 300) return { delivered: true, status }
  const retry = status >= 500 || status === 408 || status === 425 || status === 429
  return { delivered: false, status, diagnosis: diagnoseDelivery({ host, status }), retry, retryAfterMs: retryAfter }
}
