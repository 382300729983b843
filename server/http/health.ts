import { fail } from '@hawser/api/errors.ts'
import { health, openapi, ready } from '@hawser/api/health.ts'
import { handler, type Handler } from './handler.ts'

export function healthHandler(): Handler {
  return handler(health, async () => ({ result: 'ok' as const }))
}

/** Every check throws or resolves to a reason why this node should get no traffic. */
export function readyHandler(
  checks: readonly (() => Promise<string | undefined>)[],
  vault: () => 'live' | 'frozen' = () => 'live',
): Handler {
  return handler(ready, async () => {
    const reasons = (await Promise.all(checks.map((check) => check().catch((error: Error) => error.message)))).filter(
      (reason) => reason !== undefined,
    )
    if (reasons.length > 0) throw fail('not_ready', { message: `Not ready: ${reasons.join('; ')}.`, retryAfter: 1 })
    return { result: 'ok' as const, vault: vault() }
  })
}

export function openapiHandler(document: { openapi: string }): Handler {
  return handler(openapi, async () => document)
}
