/**
 * SQL of a refresh. The right to refresh is a lease on the grant's row: taken by one conditional UPDATE, given back with the outcome, lost
 * by time when its holder dies. Tokens are guarded by the version that was sent, not by the lease (see `storeTokens`).
 */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { StoredGrant } from './connection.ts'
import { grantColumns, toGrant, type GrantColumns, type RecordedFailure } from './connection-row.ts'
import { replacedByAnother, updateTokens } from './former-token-store.ts'
import type { SeenVault } from './vault-guard.ts'

type Db = Kysely<unknown>

/** Nodes may run with different settings for a while. */
const CLOCK_SLACK_MS = 120_000

export interface Lease {
  grant: StoredGrant
  /** The database's time: all nodes judge ages by the same clock. */
  nowMs: number
}

/**
 * Undefined while another holder has it, or if the row is gone. `grant` is what stands in the row now, perhaps newer than what the caller knew. A lease
 * that ends later than one taken now was taken before the database's clock was set back: it would last for as long as that, and is nobody's. Should its
 * holder live, `markRequest` tells it.
 */
export async function takeLease(db: Db, grantId: string, holder: string, leaseMs: number): Promise<Lease | undefined> {
  const { rows } = await sql<GrantColumns & { now: Date }>`
    update "grant" g set lease_holder = ${holder}, lease_until = hawser_now() + ${interval(leaseMs)}, fence = fence + 1
    where g.id = ${grantId}
      and (g.lease_until is null or g.lease_until < hawser_now() or g.lease_until > hawser_now() + ${interval(leaseMs + CLOCK_SLACK_MS)})
    returning ${grantColumns}, hawser_now() as now`.execute(db)
  return rows[0] && { grant: toGrant(rows[0]), nowMs: rows[0].now.getTime() }
}

export async function releaseLease(db: Db, grantId: string, holder: string): Promise<void> {
  await sql`update "grant" set lease_holder = null, lease_until = null where id = ${grantId} and lease_holder = ${holder}`.execute(db)
}

/**
 * Notes, before the request leaves, that it is about to: whoever finds the note after a crash knows that the outcome is unknown. The lease begins
 * anew. `vault`: what this process knows of the vault; a database that was taken over, or came back older, takes no note. `retried` marks the one further attempt after an unknown outcome. False if the lease was lost meanwhile, the vault is another, or another grant of the
 * integration has replaced this refresh token: then nothing may be sent.
 */
export async function markRequest(
  db: Db,
  sent: {
    grantId: string
    holder: string
    version: number
    leaseMs: number
    retried: RecordedFailure | undefined
    vault?: SeenVault | undefined
    /** Of the refresh token that is about to leave. */
    fingerprint?: Buffer | undefined
  },
): Promise<boolean> {
  const failure = sent.retried === undefined ? sql`` : sql`, failure = ${JSON.stringify(sent.retried)}::jsonb`
  const { vault } = sent
  const sameVault =
    vault === undefined ? sql`` : sql`and exists (select from vault where epoch = ${vault.epoch} and generation >= ${vault.generation})`
  const notReplaced = sent.fingerprint === undefined ? sql`` : sql`and not ${replacedByAnother(sent.fingerprint)}`
  const { numAffectedRows } = await sql`
    update "grant" g set refresh_started_at = hawser_now(), lease_until = hawser_now() + ${interval(sent.leaseMs)} ${failure}
    where g.id = ${sent.grantId} and g.lease_holder = ${sent.holder} and g.version = ${sent.version} ${sameVault} ${notReplaced}`.execute(
    db,
  )
  return (numAffectedRows ?? 0n) > 0n
}

export interface TokensToStore {
  grantId: string
  sentVersion: number
  holder: string
  sealed: Buffer
  expiresAt: Date | undefined
  fingerprint: Buffer | undefined
  /** Of the refresh token that was sent; undefined in tokens from an older release's spool. */
  sentFingerprint?: Buffer | undefined
  /** The answer names the org that the connection knows: whoever found another org behind the host meanwhile was wrong, or early. */
  ofKnownOrg?: boolean
}

/**
 * Stores tokens if the row still holds what was sent to get them, whoever has the lease by now: after a rotation a late answer may be the only
 * live token. So a grant that was stopped in between for a refreshed sandbox takes tokens of its own org all the same, and goes on: should the
 * sandbox be gone by now, they are refused at their first use, and it is stopped again. An import that brought in the very refresh token that was
 * out does not keep its successor away either: what it stored is used up. Another holder's lease is left alone. Undefined: not stored, another answer was.
 */
export async function storeTokens(db: Db, tokens: TokensToStore): Promise<StoredGrant | undefined> {
  const stoppedSince = sql`(g.version = ${tokens.sentVersion} + 1 and g.failure #>> '{diagnosis,code}' = 'sandbox-refreshed')`
  const holdsWhatWasSent = sql`(g.version = ${tokens.sentVersion} ${tokens.ofKnownOrg === true ? sql`or ${stoppedSince}` : sql``})`
  const orImported = importedMeanwhile(tokens)
  const mine = sql`(g.lease_holder is null or g.lease_holder = ${tokens.holder} or g.lease_until < hawser_now())`
  const set = sql`credentials = ${tokens.sealed}, version = g.version + 1, expires_at = ${tokens.expiresAt ?? null},
      refreshed_at = hawser_now(), failures = 0, cooldown_until = null, broken_at = null, failure = null,
      refresh_started_at = case when ${mine} then null else g.refresh_started_at end,
      lease_until = case when ${mine} then null else g.lease_until end,
      lease_holder = case when ${mine} then null else g.lease_holder end`
  const where = sql`${holdsWhatWasSent} ${orImported}`
  if (replacesToken(tokens)) return updateTokens(db, tokens, { set, where })
  const { rows } = await sql<GrantColumns>`
    update "grant" g set ${set}, fingerprint = ${tokens.fingerprint ?? null} where g.id = ${tokens.grantId} and (${where})
    returning ${grantColumns}`.execute(db)
  return rows[0] && toGrant(rows[0])
}

/** False where the provider does not rotate: then there is nothing to remember. */
function replacesToken({ fingerprint, sentFingerprint }: Pick<TokensToStore, 'fingerprint' | 'sentFingerprint'>): boolean {
  return sentFingerprint === undefined || fingerprint?.equals(sentFingerprint) !== true
}

/** Only where the provider has rotated: else the stored refresh token still works, and what came after may be the newer answer. */
function importedMeanwhile({
  sentVersion,
  sentFingerprint,
  fingerprint,
}: Pick<TokensToStore, 'sentVersion' | 'sentFingerprint' | 'fingerprint'>) {
  if (sentFingerprint === undefined || fingerprint === undefined || fingerprint.equals(sentFingerprint)) return sql``
  return sql`or (g.version > ${sentVersion} and g.fingerprint = ${sentFingerprint} and g.broken_at is null)`
}

/**
 * For tokens from the spool, whose version the database may have lost with others before it: stores them if the row is older, or was imported over. What was
 * revoked here stays so.
 */
export async function storeSpooled(db: Db, tokens: Omit<TokensToStore, 'holder' | 'sentVersion'> & { version: number }): Promise<boolean> {
  const set = sql`credentials = ${tokens.sealed}, version = greatest(g.version + 1, ${tokens.version}), expires_at = ${tokens.expiresAt ?? null},
      refreshed_at = hawser_now(), failures = 0, cooldown_until = null, broken_at = null, failure = null, refresh_started_at = null`
  const older = sql`g.version < ${tokens.version} and g.failure #>> '{diagnosis,code}' is distinct from 'revoked-here'`
  const where = sql`(${older}) ${importedMeanwhile({ ...tokens, sentVersion: tokens.version - 1 })}`
  const stored = await updateTokens(db, tokens, { set, where })
  return stored !== undefined
}

export interface Cooling {
  grantId: string
  holder: string
  sentVersion: number
  /** From now on, by the database's clock. */
  cooldownMs: number
  /** `undefined` leaves the note as it stands. */
  refreshStartedAt: Date | null | undefined
  failure: RecordedFailure | undefined
}

/** Ends an attempt without tokens; the lease goes back. Undefined if the lease, or the version, is another one by now: nothing was written then. */
export async function coolDown(db: Db, cooling: Cooling): Promise<StoredGrant | undefined> {
  const started = cooling.refreshStartedAt === undefined ? sql`` : sql`, refresh_started_at = ${cooling.refreshStartedAt}`
  const failure =
    cooling.failure === undefined ? sql`` : sql`, failures = g.failures + 1, failure = ${JSON.stringify(cooling.failure)}::jsonb`
  const { rows } = await sql<GrantColumns>`
    update "grant" g set cooldown_until = hawser_now() + ${interval(cooling.cooldownMs)}, lease_holder = null, lease_until = null ${started} ${failure}
    where g.id = ${cooling.grantId} and g.lease_holder = ${cooling.holder} and g.version = ${cooling.sentVersion}
    returning ${grantColumns}`.execute(db)
  return rows[0] && toGrant(rows[0])
}

/** The tokens will not work again until somebody acts. Undefined as in `coolDown`. */
export async function breakGrant(db: Db, broken: Omit<Cooling, 'refreshStartedAt'>): Promise<StoredGrant | undefined> {
  const { rows } = await sql<GrantColumns>`
    update "grant" g set broken_at = hawser_now(), failures = g.failures + 1, failure = ${JSON.stringify(broken.failure)}::jsonb,
      cooldown_until = hawser_now() + ${interval(broken.cooldownMs)}, refresh_started_at = null, lease_holder = null, lease_until = null
    where g.id = ${broken.grantId} and g.lease_holder = ${broken.holder} and g.version = ${broken.sentVersion}
    returning ${grantColumns}`.execute(db)
  return rows[0] && toGrant(rows[0])
}

function interval(ms: number) {
  return sql`make_interval(secs => ${ms / 1000}::double precision)`
}
