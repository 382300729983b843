import type { AuthMode, RefreshInput } from '#auth-modes/auth-mode.ts'
import type { TokenFailure, TokenOutcome } from '#oauth/token-response.ts'

/**
 * Refreshes at the address that the catalogue says. Where that is the org's own host, and nothing leads there any more (the org was moved, or its My
 * Domain renamed), the login host is asked: its answer brings the new address. Only a success there counts: a login host that the org's policy closes
 * refuses tokens that are good. Source: 420 for hosts without a route (V, Salesforce Help); the former request was not carried out.
 */
export async function refreshElsewhere(mode: Pick<AuthMode, 'refresh'>, input: RefreshInput, now: () => number): Promise<TokenOutcome> {
  const startedAt = now()
  const first = await mode.refresh(input)
  const { instance_url: former, ...config } = input.connectionConfig
  if (first.ok || former === undefined || input.provider.family !== 'salesforce' || !leadsNowhere(first.failure)) return first
  const timeoutMs = input.timeoutMs - (now() - startedAt)
  if (timeoutMs <= 0) return first
  const second = await mode.refresh({ ...input, connectionConfig: config, timeoutMs })
  return second.ok || mayHaveHappened(second.failure) ? second : first
}

function leadsNowhere({ status, network }: TokenFailure): boolean {
  return status === 420 || network === 'dns'
}

/** That must be known, though the first request was not carried out: the refresh token may be used up. */
function mayHaveHappened({ sent, status }: TokenFailure): boolean {
  return sent && (status === undefined || status === 408 || (status >= 500 && status !== 503))
}
