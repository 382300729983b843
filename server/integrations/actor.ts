import type { Principal } from '#http/principal.ts'

/** Who did it, as the audit keeps it. */
export function actorOf(principal: Principal): Record<string, unknown> {
  return principal.kind === 'key' ? { kind: 'key', id: principal.keyId } : { kind: 'session', id: principal.sessionId }
}
