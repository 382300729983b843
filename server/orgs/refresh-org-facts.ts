/** The daily look at the org behind each connection: is it still the same one, of the kind that it was, and what does it call itself? */
import { orgChange } from '@hawser/salesforce/org-change.ts'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { Failure } from '@hawser/api/errors.ts'
import type { Diagnosis } from '#diagnosis/diagnose.ts'
import type { Egress } from '#egress/dispatcher.ts'
import type { Clock } from '#lib/clock.ts'
import type { Catalogue } from '#providers/catalogue.ts'
import type { Provider } from '#providers/provider.ts'
import type { JobHandler } from '#queue/queue.ts'
import type { ApiUsageGauge } from './api-usage.ts'
import { judgeOrg } from './judge-org.ts'
import { mergeOrgFacts, type OrgFacts } from './org-facts.ts'
import { orgIdOfHost, type OrgIdOfHost } from './org-id-of-host.ts'
import { readOrgFacts, type OrgReading } from './read-org-facts.ts'
import { orgRulesOf, takeDueChecks, writeOrgFacts, type DueCheck } from './store.ts'

export interface FreshToken {
  accessToken: string
  /** Of the grant; passed back when the org refused this token. */
  version: number
}

export interface RefreshOrgFactsDeps {
  db: Kysely<unknown>
  log: Logger
  clock: Clock
  egress: Egress
  catalogue: Catalogue
  usage: ApiUsageGauge
  /** The connection's token, renewed where it is known to have ended or is of version `notVersion`. Throws Failure where there is none. */
  freshToken(check: DueCheck, notVersion?: number): Promise<FreshToken | undefined>
  /** The host of the connection belongs to another org by now: it is a sandbox that was refreshed. */
  sandboxRefreshed(seen: { environmentId: string; connectionId: string; newOrgId: string }): Promise<unknown>
  /** The host tells the connection's own org again, though another one was told before. */
  sandboxIsTheSame(seen: { environmentId: string; connectionId: string }): Promise<unknown>
  /** Opens the issue `wrong_org_kind`, or closes it (null). `connectionId`: the row's uuid, as above. */
  tellWrongKind(told: { environmentId: string; connectionId: string; diagnosis: Diagnosis | null }): Promise<void>
  /** Closes the issue `approvals_used_up` of a connection whose Salesforce user has approvals left again. */
  recountApprovals(check: DueCheck): Promise<void>
  /** True while the database is a restored or copied one that nobody has taken over. */
  frozen?(): boolean
}

/** Every ten minutes, in portions: at most 28,800 connections a day. A job may take 5 minutes (start-worker.ts). */
const PORTIONS = 20
const PORTION = 10
const MOST_MS = 120_000
const HOST_TIMEOUT_MS = 5_000
const IDLE_READ_MS = 7 * 86_400_000

/** A connection that fails is looked at again the next day, and stops no other. */
export function refreshOrgFactsJob(deps: RefreshOrgFactsDeps): JobHandler<'refresh-org-facts'> {
  return async () => {
    if (deps.frozen?.() === true) return
    const providers = deps.catalogue.list().filter((provider) => provider.family === 'salesforce')
    const names = providers.map((provider) => provider.name)
    // Many connections share a host: it is asked once a run.
    const hosts = new Map<string, Promise<OrgIdOfHost>>()
    const startedAt = deps.clock.now()
    for (let portion = 0; portion < PORTIONS && deps.clock.now() - startedAt < MOST_MS; portion++) {
      const due = await takeDueChecks(deps.db, { providers: names, limit: PORTION })
      await Promise.all(due.map((check) => checkOrLog(deps, check, hosts)))
      if (due.length < PORTION) return
    }
  }
}

async function checkOrLog(deps: RefreshOrgFactsDeps, check: DueCheck, hosts: Map<string, Promise<OrgIdOfHost>>): Promise<void> {
  try {
    await checkOrg(deps, check, hosts)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    deps.log.info({ connection: check.connectionUuid, code: error.code }, 'the org of a connection could not be looked at')
  }
}

async function checkOrg(deps: RefreshOrgFactsDeps, check: DueCheck, hosts: Map<string, Promise<OrgIdOfHost>>): Promise<void> {
  const provider = deps.catalogue.get(check.provider)
  if (!provider) return
  const { environmentId, connectionUuid: connectionId, instanceUrl, orgId, openKinds } = check
  const asking = hosts.get(instanceUrl) ?? orgIdOfHost({ egress: deps.egress, provider, instanceUrl, timeoutMs: HOST_TIMEOUT_MS })
  hosts.set(instanceUrl, asking)
  const told = await asking
  if (told.ok) {
    const instanceHost = new URL(instanceUrl).host
    const change = orgChange({ orgId, instanceHost }, { orgId: told.orgId, instanceHost })
    if (change === 'sandbox_refreshed') return void (await deps.sandboxRefreshed({ environmentId, connectionId, newOrgId: told.orgId }))
    // Not the org that the tokens are for, and nothing that a refresh explains: no call goes there by itself.
    if (change === 'another_org') return void deps.log.warn({ connection: connectionId }, 'the host of a connection tells another org id')
    if (openKinds.includes('sandbox_refreshed')) return void (await deps.sandboxIsTheSame({ environmentId, connectionId }))
  }
  if (openKinds.includes('approvals_used_up')) await deps.recountApprovals(check)
  const facts = mayRead(deps, check) ? await readAgain(deps, provider, check) : check.org
  if (facts) await tellKind(deps, provider, check, facts)
}

/** A session that sleeps is not renewed each day to learn what hardly ever changes; an org near its limit needs its calls for its own programs. */
function mayRead(deps: RefreshOrgFactsDeps, { asleep, usedLately, org, orgId }: DueCheck): boolean {
  if (asleep || !deps.usage.mayUseInBackground(orgId)) return false
  return usedLately || org === null || deps.clock.now() - Date.parse(org.checked_at) >= IDLE_READ_MS
}

async function readAgain(deps: RefreshOrgFactsDeps, provider: Provider, check: DueCheck): Promise<OrgFacts | null> {
  const reading = await read(deps, provider, check)
  if (!reading) return null
  const facts = mergeOrgFacts(check.org, reading.facts)
  await writeOrgFacts(deps.db, check.connectionUuid, facts)
  return facts
}

/** One more token where the first has ended unnoticed: that a session is over shows only when it is used. */
async function read(deps: RefreshOrgFactsDeps, provider: Provider, check: DueCheck): Promise<OrgReading | undefined> {
  const token = await deps.freshToken(check)
  if (!token) return undefined
  const first = await readWith(deps, provider, check, token.accessToken)
  if (!first.tokenRefused) return first
  const next = await deps.freshToken(check, token.version)
  return next && next.version !== token.version ? readWith(deps, provider, check, next.accessToken) : undefined
}

function readWith(deps: RefreshOrgFactsDeps, provider: Provider, check: DueCheck, accessToken: string): Promise<OrgReading> {
  const { instanceUrl, orgId, userId, org } = check
  return readOrgFacts({
    ...{ egress: deps.egress, provider, instanceUrl, orgId, userId, accessToken, now: deps.clock.now() },
    loginHost: org?.login_host ?? undefined,
    noteUsage: deps.usage.note,
  })
}

async function tellKind(deps: RefreshOrgFactsDeps, provider: Provider, check: DueCheck, facts: OrgFacts): Promise<void> {
  const judged = judgeOrg(provider, facts, await orgRulesOf(deps.db, check.integrationId))
  const isOpen = check.openKinds.includes('wrong_org_kind')
  const { environmentId, connectionUuid: connectionId } = check
  if (judged.verdict === 'fits') {
    if (isOpen) await deps.tellWrongKind({ environmentId, connectionId, diagnosis: null })
  } else if (!isOpen && facts.kind_certain) await deps.tellWrongKind({ environmentId, connectionId, diagnosis: judged.diagnosis })
}
