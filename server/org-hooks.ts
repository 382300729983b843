/** What the check of orgs needs of the slices above it, as functions. */
import { fail } from '@hawser/api/errors.ts'
import type { Audit } from '#audit/record-disclosure.ts'
import type { ComposedConnections, ConnectionHooks } from '#connections/compose-connections.ts'
import { closeIssues } from '#issues/close-issues.ts'
import { openIssue, type IssueEvents } from '#issues/open-issue.ts'
import type { ApiUsageGauge } from '#orgs/api-usage.ts'
import { MOST_APPROVALS } from '#orgs/approvals.ts'
import { judgeOrg } from '#orgs/judge-org.ts'
import type { RefreshOrgFactsDeps } from '#orgs/refresh-org-facts.ts'
import { approvalGroupOf, approvalsOf, orgRulesOf } from '#orgs/store.ts'
import { quirkOf } from '#quirks/all.ts'
import type { Kit } from './kit.ts'

const CONFIRM_TIMEOUT_MS = 15_000

interface Given {
  usage: ApiUsageGauge
  issueEvents: IssueEvents
}

/** An imported token is proved at its org, and the org looked at as after a sign-in. */
export function confirmingImports(kit: Kit, { usage, issueEvents }: Given): ConnectionHooks['confirmImport'] {
  return async (provider, imported, integration) => {
    const quirk = quirkOf(provider)
    const confirmed = await quirk.confirmImport({ egress: kit.egress, provider, ...imported, timeoutMs: CONFIRM_TIMEOUT_MS })
    const connectionConfig = { ...imported.connectionConfig, ...confirmed }
    const asked = { egress: kit.egress, provider, accessToken: imported.accessToken, connectionConfig, now: kit.clock.now() }
    const reading = await quirk.readOrg({ ...asked, noteUsage: usage.note })
    if (!reading) return { connectionConfig: confirmed }
    const judged = judgeOrg(provider, reading.facts, await orgRulesOf(kit.db.kysely, integration.id))
    if (judged.verdict === 'refuse') throw fail('connection_validation_failed', { message: judged.message, diagnosis: judged.diagnosis })
    return {
      connectionConfig: confirmed,
      org: reading.facts,
      ...(judged.verdict === 'warn'
        ? {
            alongside: (transaction, { environmentId, id: connectionId }) =>
              openIssue(transaction, { environmentId, connectionId, kind: 'wrong_org_kind', diagnosis: judged.diagnosis }, issueEvents),
          }
        : {}),
    }
  }
}

/** For the job `refresh-org-facts`. */
export function orgCheckDeps(
  kit: Kit,
  {
    usage,
    issueEvents,
    connections,
    audit,
  }: Given & {
    audit: Pick<Audit, 'used'>
    connections: Pick<ComposedConnections, 'findById' | 'fresh' | 'sandboxRefreshed' | 'sandboxIsTheSame'>
  },
): RefreshOrgFactsDeps {
  const { log, clock, egress, catalogue } = kit
  const db = kit.db.kysely
  return {
    ...{ db, log, clock, egress, catalogue, usage },
    async freshToken({ environmentId, connectionUuid }, notVersion) {
      const live = await connections.findById(environmentId, connectionUuid)
      const { credentials, version } = await connections.fresh(live, notVersion === undefined ? {} : { notVersion })
      if (credentials.type !== 'OAUTH2') return undefined
      const endUserId = live.connection.endUser?.id
      audit.used({ job: 'org-check', environmentId, connectionId: connectionUuid, method: 'GET', endUserId })
      return { accessToken: credentials.access_token, version }
    },
    sandboxRefreshed: connections.sandboxRefreshed,
    sandboxIsTheSame: connections.sandboxIsTheSame,
    tellWrongKind: ({ environmentId, connectionId, diagnosis }) =>
      db.transaction().execute(async (transaction) => {
        const kind = 'wrong_org_kind'
        if (diagnosis) await openIssue(transaction, { environmentId, connectionId, kind, diagnosis }, issueEvents)
        else await closeIssues(transaction, [connectionId], [kind], { ...issueEvents, reason: 'works_again' })
      }),
    async recountApprovals({ environmentId, connectionUuid }) {
      const group = await approvalGroupOf(db, connectionUuid)
      if (group && (await approvalsOf(db, { environmentId, ...group })).length >= MOST_APPROVALS) return
      await db.transaction().execute(async (transaction) => {
        await closeIssues(transaction, [connectionUuid], ['approvals_used_up'], { ...issueEvents, reason: 'works_again' })
      })
    },
  }
}
