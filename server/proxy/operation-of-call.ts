/** What the activity is told of a proxied call. Cheap for the calls that go well: what is known anyway, put together once. */
import type { ActorKind, Operation } from '#activity/operation.ts'
import type { Failure } from '@hawser/api/errors.ts'
import type { Diagnosis } from '#diagnosis/diagnose.ts'
import type { LiveConnection } from '#connections/connection.ts'
import { PERSON, type ConnectionPrincipal, type KeyPrincipal } from '#http/principal.ts'
import type { Exchange } from './exchange.ts'
import type { Door } from './request-headers.ts'
import type { Target } from './target-url.ts'

/** How far a call has come. */
export interface KnownOfCall {
  principal: KeyPrincipal | ConnectionPrincipal
  live: LiveConnection | undefined
  target: Target | undefined
  failure: Failure | undefined
  exchange: Exchange
  door: Door
}

export function operationOfCall(
  { principal, live, target, failure, exchange, door }: KnownOfCall,
  status: number,
  ms: number,
  now: number,
): Operation {
  const { request, failing, steps } = exchange
  const failed = status === 0 || status >= 400
  const diagnosis = failure?.details.diagnosis as Diagnosis | undefined
  return {
    environmentId: principal.environmentId,
    at: now,
    kind: 'call',
    action: door,
    failed,
    status: status === 0 ? undefined : status,
    durationMs: ms,
    integrationKey: live?.integration.uniqueKey,
    connection: live && { uuid: live.connection.id, connectionId: live.connection.connectionId },
    endUserId: live?.connection.endUser?.id,
    actor: actorOfCall(principal),
    method: request.method,
    host: target && target.origin.slice(target.origin.indexOf('//') + 2),
    path: target?.path,
    error: failure && { code: failure.code, title: diagnosis?.title, message: failure.message },
    diagnosis,
    requestHeaders: failed ? request.headers : undefined,
    responseHeaders: failing?.headers,
    responseBody: failing && Buffer.concat(failing.chunks),
    steps,
  }
}

function actorOfCall({ kind, keyId }: KeyPrincipal | ConnectionPrincipal): { kind: ActorKind; id: string } {
  if (keyId.startsWith(PERSON)) return { kind: 'person', id: keyId.slice(PERSON.length) }
  return { kind: kind === 'key' ? 'key' : 'token', id: keyId }
}
