/** An import of a refresh token that was replaced here since: an old export, as a rule. Sending it could end the newer one. */
import { fail, type Failure } from '@hawser/api/errors.ts'
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Diagnosis } from '#diagnosis/diagnose.ts'
import type { Vault } from '#vault/vault.ts'
import { newerToken, type NewerToken } from './former-token-store.ts'

/** More are not looked through: an installation has a handful. */
const MOST_ENVIRONMENTS = 50

interface Brought {
  environmentId: string
  integrationId: string
  /** Undefined: a new one is to be made. */
  connectionId: string | undefined
  refreshToken: string
}

/**
 * Before anybody is asked. An environment has a key of its own for fingerprints, so the token is held against each environment by that one's key. Whoever
 * brings it in learns no more of another environment than that it has this token. One whose key cannot be had is left out.
 *
 * @throws what `refused` makes of it
 */
export async function refuseFormer(
  deps: { db: Kysely<unknown>; vault: Vault; log: Logger },
  brought: Brought,
  refused: (newer: NewerToken) => Failure,
): Promise<void> {
  const { environmentId, refreshToken } = brought
  await deps.vault.ready(environmentId)
  const fingerprint = deps.vault.fingerprint(environmentId, refreshToken)
  const newer = await newerToken(deps.db, { environmentId, fingerprint, into: brought })
  if (newer) throw refused(newer)
  for (const other of await otherEnvironments(deps.db, environmentId)) {
    try {
      await deps.vault.ready(other)
    } catch (error) {
      deps.log.warn({ err: error, environmentId: other }, 'an imported refresh token was not held against another environment')
      continue
    }
    const there = { environmentId: other, fingerprint: deps.vault.fingerprint(other, refreshToken), into: undefined }
    const elsewhere = await newerToken(deps.db, there)
    if (elsewhere) throw replaced(elsewhere.replacedAt, 'a connection of another environment')
  }
}

/** Those that remember any. */
async function otherEnvironments(db: Kysely<unknown>, environmentId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select e.id from environment e
    where e.id <> ${environmentId} and exists (select from former_refresh_token f where f.environment_id = e.id)
    order by e.id limit ${MOST_ENVIRONMENTS}`.execute(db)
  return rows.map((row) => row.id)
}

/** `sees`: whether the caller may know of the connection. */
export function formerToken({ replacedAt, connection, integrationKey }: NewerToken, sees: boolean): Failure {
  return sees
    ? replaced(replacedAt, `the connection \`${connection.connectionId}\` of \`${integrationKey}\``, {
        connection_id: connection.connectionId,
        provider_config_key: integrationKey,
      })
    : replaced(replacedAt, 'another connection')
}

function replaced(at: Date, holder: string, named: Record<string, string> = {}): Failure {
  const evidence = { replaced_at: at.toISOString(), ...named }
  return fail('refresh_token_replaced', {
    message: `This refresh token was replaced on ${at.toISOString().slice(0, 10)}; ${holder} holds the newer one. Nothing was changed.`,
    payload: evidence,
    diagnosis: { ...replacedSince, evidence } satisfies Diagnosis,
  })
}

const replacedSince: Omit<Diagnosis, 'evidence'> = {
  code: 'refresh-token-replaced-here',
  class: 'bug',
  actor: 'developer',
  transient: false,
  title: 'An older refresh token than the one that is held here',
  cause:
    'This refresh token was in use here, until a refresh, a sign-in or another import put a newer one in its place. It was neither stored nor sent: most providers take the use of a replaced token for theft, and end the newer one with it.',
  fix: [
    'Leave it out: in an import of many connections this one is there already, with newer credentials.',
    'If that connection has stopped working, send its customer a reconnect link; no older token will bring it back.',
  ],
  end_user_text: 'This account is connected already.',
  confidence: 'V',
  source: 'our own record of replaced refresh tokens',
  docs: null,
}
