/** Tells everybody who may be waiting how an attempt ended: the session (for polling), the opener's WebSocket, the page itself. */
import { Failure, fail } from '@hawser/api/errors.ts'
import type { ConnectDeps } from './connect-deps.ts'
import { diagnosisOf } from './failed-sign-in.ts'
import { POPUP_TOPIC, type PopupMessage, type RelayedMessage } from './popup-message.ts'
import type { SessionResult } from './session.ts'
import { setSessionResult } from './store.ts'

export interface Attempt {
  sessionId: string
  integrationKey: string
  wsClientId: string | undefined
  mode: 'popup' | 'page' | 'redirect'
}

const MAX_TEXT = 1000

/** Any error as a failure with a public text; what is not one is logged, and shown as an error of ours. */
export function asFailure(deps: ConnectDeps, error: unknown): Failure {
  if (error instanceof Failure) return error
  deps.kit.log.error({ err: error }, 'a sign-in failed unexpectedly')
  return fail('server_error', { message: 'Something went wrong on our side. Please try again.' })
}

export async function tellFailure(deps: ConnectDeps, attempt: Attempt, failure: Failure): Promise<void> {
  const diagnosis = diagnosisOf(failure)
  const description = failure.message.slice(0, MAX_TEXT)
  const result: SessionResult = {
    outcome: 'error',
    provider_config_key: attempt.integrationKey,
    error_type: failure.code,
    error_desc: description,
    diagnosis,
  }
  deps.kit.log.info(
    { integration: attempt.integrationKey, code: failure.code, diagnosis: diagnosis.code, internal: failure.details.internal },
    'a sign-in failed',
  )
  // The person still gets a page when the database is away.
  await setSessionResult(deps.kit.db.kysely, attempt.sessionId, result).catch((error: unknown) => {
    deps.kit.log.error({ err: error }, 'the result of a sign-in could not be kept')
  })
  await relay(deps, attempt.wsClientId, {
    message_type: 'error',
    provider_config_key: attempt.integrationKey,
    error_type: failure.code,
    error_desc: description,
    diagnosis,
  })
}

/** The session's result is written with the connection; this only tells the opener. */
export async function tellSuccess(deps: ConnectDeps, attempt: Attempt, connectionId: string): Promise<void> {
  await relay(deps, attempt.wsClientId, {
    message_type: 'success',
    provider_config_key: attempt.integrationKey,
    connection_id: connectionId,
    is_pending: false,
  })
}

/** A hint that got lost is no failure: the result can be polled. */
async function relay(deps: ConnectDeps, wsClientId: string | undefined, message: PopupMessage): Promise<void> {
  if (wsClientId === undefined) return
  const relayed: RelayedMessage = { wsClientId, message }
  await deps.kit.bus.send(POPUP_TOPIC, JSON.stringify(relayed)).catch((error: unknown) => {
    deps.kit.log.warn({ err: error }, 'the result of a sign-in could not be relayed to its opener')
  })
}
