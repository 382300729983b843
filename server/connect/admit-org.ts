/** Looks at the org in which a sign-in ended, before anything is stored. */
import { fail, Failure } from '@hawser/api/errors.ts'
import type { OAuthClient } from '#auth-modes/auth-mode.ts'
import type { Diagnosis } from '#diagnosis/diagnose.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import type { Tokens } from '#oauth/token-response.ts'
import { anotherOrg } from '#orgs/another-org.ts'
import { judgeOrg } from '#orgs/judge-org.ts'
import type { OrgFacts } from '#orgs/org-facts.ts'
import type { Provider } from '#providers/schema.ts'
import { quirkOf } from '#quirks/all.ts'
import type { ConnectDeps } from './connect-deps.ts'
import { acceptsOtherOrg } from './other-org-accepted.ts'
import type { StoredSession } from './session.ts'

export interface SignedIn {
  session: StoredSession
  integration: StoredIntegration
  provider: Provider
  client: OAuthClient
  tokens: Tokens
  connectionConfig: Record<string, unknown>
  loginHost: string
}

export interface Admitted {
  /** undefined: the provider's accounts are no orgs. */
  org: OrgFacts | undefined
  /** The org is of another kind than the provider's, and the integration takes it all the same. */
  wrongKind: Diagnosis | undefined
}

/** @throws Failure connection_validation_failed, with a diagnosis: `another-org`, `org-kind-refused`, `wrong-org-kind` */
export async function admitOrg(deps: ConnectDeps, signedIn: SignedIn): Promise<Admitted> {
  await refuseAnotherOrg(deps, signedIn)
  const { provider, client, tokens, connectionConfig, loginHost } = signedIn
  const reading = await quirkOf(provider).readOrg({
    ...{ egress: deps.kit.egress, provider, client, connectionConfig, loginHost, now: deps.kit.clock.now() },
    accessToken: tokens.access_token,
    identityUrl: tokens.raw['id'],
    noteUsage: deps.noteApiUsage,
  })
  if (!reading) return { org: undefined, wrongKind: undefined }
  const org = reading.facts
  const judged = judgeOrg(provider, org, await deps.orgRulesOf(signedIn.integration.id))
  if (judged.verdict === 'refuse') throw fail('connection_validation_failed', { message: judged.message, diagnosis: judged.diagnosis })
  return { org, wrongKind: judged.verdict === 'warn' ? judged.diagnosis : undefined }
}

async function refuseAnotherOrg(deps: ConnectDeps, { session, connectionConfig }: SignedIn): Promise<void> {
  if (session.reconnects === null || acceptsOtherOrg(session)) return
  const stored = await storedConfig(deps, session.environmentId, session.reconnects)
  const diagnosis = stored && anotherOrg(stored, connectionConfig)
  if (diagnosis) {
    const message = 'The sign-in ended in another org than the one of the connection that it should renew.'
    throw fail('connection_validation_failed', { message, diagnosis })
  }
}

/** undefined: the connection is gone, which saving will say. */
async function storedConfig(deps: ConnectDeps, environmentId: string, uuid: string): Promise<Record<string, unknown> | undefined> {
  try {
    return (await deps.connections.findById(environmentId, uuid)).connection.connectionConfig
  } catch (error) {
    if (error instanceof Failure && error.code === 'unknown_connection') return undefined
    throw error
  }
}
