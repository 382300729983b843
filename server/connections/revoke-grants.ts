/** `POST /environment/revoke`: the grants of many connections end at once, here for every caller, and at the provider by durable jobs. */
import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/freeze.ts'
import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { handler, type Handler } from '#http/handler.ts'
import { actorOf, limitsOf } from '#http/principal.ts'
import type { Diagnosis } from '#diagnosis/diagnose.ts'
import type { ConnectionDeps } from './compose-connections.ts'
import { REVOKED_HERE } from './end-unstored.ts'
import { formerOf } from './former-token-store.ts'
import { lockGrant } from './grant-store.ts'
import { integrationNamed } from './integration-named.ts'
import { grantFailure } from './refresh-failure.ts'
import { queueRevocation } from './revoke-grant.ts'
import { connectionsOfGrant } from './store.ts'
import { subjectOf } from './subject-of.ts'

const DEADLINE_MS = 25_000
const MOST_LISTED = 100_000

interface Wanted {
  environmentId: string
  integrationId: string | undefined
  connections: readonly string[] | undefined
}

export function revokeGrants(deps: ConnectionDeps): Handler {
  return handler(routes.revokeGrants, async ({ body, principal }) => {
    const { environmentId } = principal
    if (limitsOf(principal).length > 0) throw fail('forbidden', { message: 'A key with limits cannot revoke many grants at once.' })
    const integration = body.integration === undefined ? undefined : await integrationNamed(deps, principal, body.integration)
    const wanted = { environmentId, integrationId: integration?.id, connections: body.connections }
    const found = await liveGrants(deps.db, wanted)
    const connections = found.reduce((sum, grant) => sum + grant.connections, 0)
    if (body.dry_run === true) return { data: { dry_run: true, connections, grants: found.length, remaining: 0 } }
    await deps.audit.changed({
      environmentId,
      actor: actorOf(principal),
      action: 'grants.revoke',
      subject: {
        ...(integration ? { integration: integration.uniqueKey } : {}),
        named: body.connections?.length ?? 'all',
        grants: found.length,
      },
    })
    await deps.vault.ready(environmentId)
    const until = performance.now() + DEADLINE_MS
    let ended = 0
    for (const { grantId } of found) {
      if (performance.now() > until) break
      await endGrant(deps, grantId)
      ended += 1
    }
    return { data: { dry_run: false, connections, grants: ended, remaining: found.length - ended } }
  })
}

/** Grants that still work, with how many of the wanted connections live on each. */
async function liveGrants(db: Kysely<unknown>, wanted: Wanted): Promise<{ grantId: string; connections: number }[]> {
  const ofIntegration = wanted.integrationId === undefined ? sql`` : sql`and c.integration_id = ${wanted.integrationId}`
  const ofNames = wanted.connections === undefined ? sql`` : sql`and c.connection_id = any(${[...wanted.connections]}::text[])`
  const { rows } = await sql<{ grant_id: string; connections: number }>`
    select g.id as grant_id, count(*) as connections from connection c join "grant" g on g.id = c.grant_id
    where c.environment_id = ${wanted.environmentId} and g.failure -> 'diagnosis' ->> 'code' is distinct from ${revokedHere.code}
      ${ofIntegration} ${ofNames}
    group by g.id order by g.id limit ${MOST_LISTED}`.execute(db)
  return rows.map((row) => ({ grantId: row.grant_id, connections: row.connections }))
}

/** Marked and queued in one transaction. The version goes up, so that a refresh under way cannot bring the grant back to life. */
async function endGrant(deps: ConnectionDeps, grantId: string): Promise<void> {
  await deps.db.transaction().execute(async (transaction) => {
    const grant = await lockGrant(transaction, grantId)
    const [live] = await connectionsOfGrant(transaction, grantId)
    if (!grant || !live) return
    const { connection, integration } = live
    const provider = deps.catalogue.get(integration.provider)
    const subject = subjectOf(connection, integration)
    const former = await formerOf(transaction, grantId)
    const { connectionConfig } = connection
    await queueRevocation(deps, transaction, { grant, former, provider, connectionConfig, replaced: false, subject })
    await markRevoked(transaction, grantId)
  })
  // This node is asked next as a rule; the others hear of it by the database.
  deps.cache.drop(grantId)
}

async function markRevoked(db: Kysely<unknown>, grantId: string): Promise<void> {
  const failure = grantFailure('invalid_credentials', revokedHere)
  await sql`
    update "grant" set broken_at = hawser_now(), failure = ${JSON.stringify(failure)}::jsonb, version = version + 1, refresh_started_at = null,
      cooldown_until = null, lease_holder = null, lease_until = null
    where id = ${grantId}`.execute(db)
}

const revokedHere: Diagnosis = {
  code: REVOKED_HERE,
  class: 'reconnect',
  actor: 'end_user',
  transient: false,
  title: 'The access was revoked here',
  cause: 'Whoever runs this installation has ended the grants of this connection, at the provider too.',
  fix: ['Send the customer a reconnect link, once the reason for the revocation is dealt with.'],
  end_user_text: 'The connection was ended. Please connect again.',
  confidence: 'V',
  source: 'our own record',
  docs: null,
  evidence: {},
}
