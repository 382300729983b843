import type { Failure } from '@hawser/api/errors.ts'
import { newId } from '#lib/ids.ts'
import type { ConnectDeps } from './connect-deps.ts'
import { diagnosisOf } from './failed-sign-in.ts'
import type { Taken } from './pending-oauth.ts'
import { findSession } from './store.ts'

/** For the activity. The provider's own words are not kept: they come from the address bar, where anybody can write. */
export async function noteFailedSignIn(deps: ConnectDeps, taken: Taken, failure: Failure): Promise<void> {
  if (!deps.activity) return
  const at = deps.kit.clock.now()
  const session = await findSession(deps.kit.db.kysely, taken.sessionId).catch(() => undefined)
  const diagnosis = diagnosisOf(failure)
  deps.activity.record({
    id: newId(at),
    environmentId: taken.environmentId,
    at,
    kind: 'sign_in',
    action: session?.reconnects ? 'reconnect' : 'connect',
    failed: true,
    integrationKey: taken.signIn.integrationKey,
    connection: session?.reconnects ? { uuid: session.reconnects } : undefined,
    endUserId: session?.endUser?.id,
    actor: { kind: 'session', id: taken.sessionId },
    host: taken.signIn.authorizeHost,
    error: { code: failure.code, title: diagnosis.title, message: failure.message },
    diagnosis,
  })
}
