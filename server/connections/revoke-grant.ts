import { z } from 'zod'
import { Failure } from '@hawser/api/errors.ts'
import type { Kysely, Transaction } from 'kysely'
import type { Logger } from 'pino'
import type { Audit } from '#audit/record-disclosure.ts'
import type { Diagnosis } from '#diagnosis/diagnose.ts'
import type { Subject } from '#events/record-own-event.ts'
import type { IssueEvents } from '#issues/open-issue.ts'
import type { Clock } from '#lib/clock.ts'
import { reveal, secret } from '#lib/secret.ts'
import { newId } from '#lib/ids.ts'
import type { OAuthClient } from '#auth-modes/auth-mode.ts'
import type { Provider } from '#providers/provider.ts'
import type { JobHandler, Jobs, Queue } from '#queue/queue.ts'
import type { Vault } from '#vault/vault.ts'
import { openSecret } from '#integrations/oauth-client.ts'
import { activeClientOf, clientById } from '#integrations/oauth-client-store.ts'
import type { StoredCredentials, StoredGrant } from './connection.ts'
import { heldElsewhere } from './former-token-store.ts'
import { openCredentials } from './open-credentials.ts'

/** The logical place that a job's tokens are bound to, together with the integration's id: the grant's row is gone by then. */
const REVOCATION_LABEL = 'revocation'
const MAX_ATTEMPTS = 12

/** Where and how a provider takes tokens back (RFC 7009). */
export interface Revocation {
  url: string
  /** False where revoking one token ends all grants of the same user and app: then the token of a reconnected connection is left to expire. */
  endsOnlyItself: boolean
}

export interface RevocationDeps {
  vault: Vault
  queue: Queue
  /** Undefined where the provider has no such endpoint. */
  revocationOf(provider: Provider, connectionConfig: Record<string, unknown>): Revocation | undefined
}

const sealedToken = z.object({ token: z.string(), clientId: z.string().nullable(), clientSecret: z.string().nullable() })

/**
 * Queues the revocation of a grant that was just deleted in this transaction: its tokens go, sealed anew, into the job, with the client that minted
 * them, whose row may go too. `replaced`: a new grant of the same user takes its place. The vault must be ready for the environment.
 */
export async function queueRevocation(
  deps: RevocationDeps,
  transaction: Transaction<unknown>,
  gone: {
    grant: StoredGrant
    provider: Provider | undefined
    connectionConfig: Record<string, unknown>
    replaced: boolean
    subject: Subject | undefined
    /** Fingerprints of refresh tokens that came before: where another grant lives on one of them or on a successor, nothing is revoked. */
    former: readonly Buffer[]
    /** The client that is known to be theirs, where the grant's own may be gone. */
    client?: OAuthClient | undefined
    /** Whoever brings the token in again before the job runs wants it to live. */
    unlessHeld?: boolean
  },
): Promise<void> {
  const { grant, provider } = gone
  const revocation = provider && deps.revocationOf(provider, gone.connectionConfig)
  if (!revocation || (gone.replaced && !revocation.endsOnlyItself)) return
  const credentials = openedIfWhole(deps.vault, grant)
  if (credentials?.type !== 'OAUTH2') return
  const { environmentId, integrationId } = grant
  const current = credentials.refresh_token === undefined ? [] : [deps.vault.fingerprint(environmentId, credentials.refresh_token)]
  const family = { environmentId, fingerprints: [...gone.former, ...current], exceptGrantId: grant.id }
  if (await heldElsewhere(transaction, family)) return
  const client = gone.client ?? (await clientOfGrant(deps.vault, transaction, grant))
  const plain: z.output<typeof sealedToken> = {
    // Without the refresh token nothing new can be made; the access token ends with it, or soon by itself.
    token: credentials.refresh_token ?? credentials.access_token,
    clientId: client?.clientId ?? null,
    clientSecret: client?.clientSecret ? reveal(client.clientSecret) : null,
  }
  const sealed = deps.vault.sealNew(environmentId, REVOCATION_LABEL, integrationId, JSON.stringify(plain))
  await deps.queue.add(
    'revoke-grant',
    {
      url: revocation.url,
      integrationId,
      environmentId,
      label: REVOCATION_LABEL,
      dataKey: sealed.data_key.toString('base64'),
      sealed: sealed.ciphertext.toString('base64'),
      ...(gone.unlessHeld === true ? { unlessHeld: true } : {}),
      // Its person is nobody's business any more.
      ...(gone.subject ? { subject: { ...gone.subject, endUser: null, tags: {} } } : {}),
    },
    { key: `revoke:${newId()}` },
    transaction,
  )
}

async function clientOfGrant(vault: Vault, db: Kysely<unknown>, grant: StoredGrant): Promise<OAuthClient | undefined> {
  const minted = grant.oauthClientId === undefined ? undefined : await clientById(db, grant.oauthClientId)
  const client = minted ?? (await activeClientOf(db, grant.integrationId))
  return client && { clientId: client.clientId, clientSecret: openSecret(vault, client) }
}

/** Damaged tokens cannot be revoked; they must not keep their connection from being deleted. */
function openedIfWhole(vault: Vault, grant: StoredGrant): StoredCredentials | undefined {
  try {
    return openCredentials(vault, grant)
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}

export interface TokenToRevoke {
  url: string
  token: string
  client: OAuthClient | undefined
}

interface RevocationJobDeps extends IssueEvents {
  db: Kysely<unknown>
  vault: Vault
  queue: Queue
  clock: Clock
  log: Logger
  audit: Pick<Audit, 'changed' | 'used'>
}

/**
 * The job. `revokeToken` throws to be called again later; a token that is not valid any more counts as revoked. After the last attempt the grant may
 * live on at the provider with nobody here to end it: that is told, once.
 */
export function revokeGrantJob(
  deps: RevocationJobDeps,
  revokeToken: (revoked: TokenToRevoke) => Promise<void>,
): JobHandler<'revoke-grant'> {
  return async (job) => {
    const { url, environmentId, integrationId, label, dataKey, sealed } = job
    await deps.vault.ready(environmentId)
    const bytes = deps.vault.openSealed(environmentId, Buffer.from(dataKey, 'base64'), Buffer.from(sealed, 'base64'), label, integrationId)
    const { token, clientId, clientSecret } = sealedToken.parse(JSON.parse(bytes.toString('utf8')))
    if (job.unlessHeld === true) {
      const family = { environmentId, fingerprints: [deps.vault.fingerprint(environmentId, token)] }
      if (await heldElsewhere(deps.db, family))
        return deps.log.info({ environmentId, integrationId }, 'a token is not revoked: it was brought in again')
    }
    const client = clientId === null ? undefined : { clientId, clientSecret: clientSecret === null ? undefined : secret(clientSecret) }
    const attempts = (job.attempts ?? 0) + 1
    deps.audit.used({ environmentId, connectionId: job.subject?.id, job: 'revoke', method: 'POST' })
    try {
      await revokeToken({ url, token, client })
    } catch (error) {
      const { host } = new URL(url)
      deps.log.warn({ err: error, environmentId, integrationId, host, attempts }, 'a grant could not be revoked at the provider')
      if (attempts >= MAX_ATTEMPTS) return giveUp(deps, job, host, attempts)
      const runAt = new Date(deps.clock.now() + pauseMs(attempts))
      await deps.queue.add('revoke-grant', { ...job, attempts }, { key: `revoke:${newId()}`, runAt })
    }
  }
}

/** From half a minute to six hours; the last attempt is made after more than half a day. */
function pauseMs(attempts: number): number {
  return Math.min(15_000 * 2 ** attempts, 6 * 3_600_000)
}

async function giveUp(
  deps: RevocationJobDeps,
  { environmentId, integrationId, subject }: Jobs['revoke-grant'],
  host: string,
  attempts: number,
): Promise<void> {
  const diagnosis: Diagnosis = { ...revocationFailed, evidence: { host, attempts } }
  deps.log.error({ environmentId, integrationId, host, attempts, diagnosis: diagnosis.code }, 'the revocation of a grant is given up')
  await deps.db.transaction().execute(async (transaction) => {
    if (subject)
      await deps.recordOwnEvent(transaction, { type: 'connection.revocation_failed', subject, data: { host, attempts, diagnosis } })
  })
  await deps.audit.changed({
    environmentId,
    actor: { kind: 'server' },
    action: 'connection.revocation_failed',
    subject: { ...(subject ? { connection: subject.id, integration: subject.integrationKey } : {}), host },
  })
}

const revocationFailed: Diagnosis = {
  code: 'revocation-failed',
  class: 'config',
  actor: 'customer_admin',
  transient: false,
  title: 'The grant of a deleted connection may live on at the provider',
  cause: 'The provider did not take the revocation, however often it was tried. The tokens are deleted here; nobody uses them any more.',
  fix: [
    'Let the customer’s administrator remove the app’s access: in Salesforce on the user’s page under OAuth Connected Apps, or in Setup under Connected Apps OAuth Usage.',
    'Look at the network between this server and the host.',
  ],
  end_user_text: 'Access that you gave to this app may still be listed in your account. Your administrator can remove it there.',
  confidence: 'V',
  source: 'our own record of the attempts',
  docs: null,
  evidence: {},
}
