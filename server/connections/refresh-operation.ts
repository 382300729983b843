/** What the activity keeps of a token request. Neither the request nor the answer, which are nothing but secrets: how it ended, in words. */
import { Failure } from '@hawser/api/errors.ts'
import type { Step } from '#activity/operation.ts'
import type { Diagnosis } from '#diagnosis/diagnose.ts'
import { newId } from '#lib/ids.ts'
import type { TokenFailure } from '#oauth/token-response.ts'
import type { LiveConnection } from './connection.ts'
import type { RefreshDeps, Refreshed } from './refresh-deps.ts'
import { tokenHostOf } from './token-host.ts'

export interface RefreshOperation {
  /** Made where it is over, or where an issue names it. */
  id: string | undefined
  startedAt: number
  status: number | undefined
  steps: Step[]
}

export function newOperation(now: number): RefreshOperation {
  return { id: undefined, startedAt: now, status: undefined, steps: [] }
}

export function operationIdOf(operation: RefreshOperation, now: number): string {
  return (operation.id ??= newId(now))
}

/** `failure` undefined: the provider sent tokens. */
export function noteAnswer(operation: RefreshOperation, at: number, failure: TokenFailure | undefined): void {
  operation.status = failure === undefined ? 200 : failure.status
  if (failure === undefined) operation.steps.push({ at, level: 'info', text: 'The provider sent new tokens.' })
  else operation.steps.push({ at, level: 'warn', text: answerOf(failure) })
}

function answerOf({ status, error, network, bodyKind }: TokenFailure): string {
  if (status === undefined) return `The provider did not answer${network === undefined ? '' : `: ${network}`}.`
  return `The provider answered ${status}${error === undefined ? ` (${bodyKind})` : ` ${error.slice(0, 100)}`}.`
}

/** The same, told to the activity. */
export async function recorded(
  deps: RefreshDeps,
  live: LiveConnection,
  operation: RefreshOperation,
  request: () => Promise<Refreshed>,
): Promise<Refreshed> {
  operation.startedAt = deps.clock.now()
  const host = tokenHostOf(live)
  operation.steps.push({ at: operation.startedAt, level: 'info', text: `Token request to ${host}` })
  try {
    const refreshed = await request()
    record(deps, live, operation, host)
    return refreshed
  } catch (error) {
    if (error instanceof Failure) record(deps, live, operation, host, error)
    throw error
  }
}

function record(
  { activity, clock }: RefreshDeps,
  live: LiveConnection,
  operation: RefreshOperation,
  host: string,
  failure?: Failure,
): void {
  if (!activity) return
  const { connection, integration } = live
  const now = clock.now()
  const diagnosis = failure?.details.diagnosis as Diagnosis | undefined
  activity.counts.refresh(connection.environmentId, integration.uniqueKey, failure === undefined, now)
  activity.record({
    id: operationIdOf(operation, now),
    environmentId: connection.environmentId,
    at: now,
    kind: 'refresh',
    action: 'refresh',
    failed: failure !== undefined,
    status: operation.status,
    durationMs: now - operation.startedAt,
    integrationKey: integration.uniqueKey,
    connection: { uuid: connection.id, connectionId: connection.connectionId },
    endUserId: connection.endUser?.id,
    actor: { kind: 'system' },
    method: 'POST',
    host,
    error: failure && { code: failure.code, title: diagnosis?.title, message: failure.message },
    diagnosis,
    steps: operation.steps,
  })
}
