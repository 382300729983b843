/** A production org knows its sandboxes: asked with the token of a connection to it, where the sandbox's own host does not tell. */
import { productionOf } from '@hawser/salesforce/org-change.ts'
import { to18 } from '@hawser/salesforce/ids.ts'
import type { Kysely } from 'kysely'
import type { Audit } from '#audit/record-disclosure.ts'
import type { Egress } from '#egress/dispatcher.ts'
import { requestSmall } from '#egress/small-request.ts'
import { tokenHostAllowed } from '#providers/token-hosts.ts'
import type { LiveConnection } from './connection.ts'
import type { Fresh } from './fresh-credentials.ts'
import { ownUseOf } from './own-use.ts'
import { workingConnectionsAt } from './quarantine-store.ts'
import { within, type Timers } from './timers.ts'

const DEADLINE_MS = 5_000
const MOST_CONNECTIONS = 2
const MAX_BYTES = 64 * 1024
const API_VERSION = 'v62.0'

export interface ProductionDeps {
  db: Kysely<unknown>
  egress: Egress
  timers: Timers
  audit: Pick<Audit, 'used'>
  salesforceProviders(): readonly string[]
  findById(environmentId: string, uuid: string): LiveConnection | Promise<LiveConnection>
  fresh: Fresh
}

/**
 * The org id (18 characters) of the sandbox behind `host` since its last completed copy; undefined where there is no working connection to the
 * production org of the same My Domain, or its user may not read `SandboxProcess` (Tooling API, V: WSDL). Five seconds at most.
 */
export async function orgIdInProduction(deps: ProductionDeps, environmentId: string, host: string): Promise<string | undefined> {
  const production = productionOf(host)
  if (!production) return undefined
  const asked = ask(deps, environmentId, production)
  const answer = await within(deps.timers, DEADLINE_MS, asked)
  return answer === 'late' ? undefined : answer
}

async function ask(
  deps: ProductionDeps,
  environmentId: string,
  { host, sandboxName }: { host: string; sandboxName: string },
): Promise<string | undefined> {
  const instanceUrl = `https://${host}`
  const at = { environmentId, instanceUrl, providers: deps.salesforceProviders(), limit: MOST_CONNECTIONS }
  for (const id of await workingConnectionsAt(deps.db, at)) {
    const live = await deps.findById(environmentId, id)
    if (!tokenHostAllowed(live.provider, instanceUrl)) continue
    const { credentials } = await deps.fresh(live)
    if (credentials.type !== 'OAUTH2') continue
    deps.audit.used({ ...ownUseOf(live.connection), job: 'ask-production', method: 'GET' })
    const answer = await requestSmall(deps.egress, {
      url: `${instanceUrl}/services/data/${API_VERSION}/tooling/query?${new URLSearchParams({ q: soqlFor(sandboxName) })}`,
      method: 'GET',
      headers: { authorization: `Bearer ${credentials.access_token}`, accept: 'application/json' },
      timeoutMs: DEADLINE_MS,
      maxBytes: MAX_BYTES,
    })
    const orgId = answer.status === 200 ? orgIdIn(answer.bodyText) : undefined
    if (orgId !== undefined) return orgId
  }
  return undefined
}

/** The name comes from a host name, which holds no quote; escaped all the same. */
export function soqlFor(sandboxName: string): string {
  const name = sandboxName.replaceAll(/[\\']/g, '\\$&')
  return `SELECT SandboxName, SandboxOrganization, Status, EndDate FROM SandboxProcess WHERE SandboxName = '${name}' ORDER BY EndDate DESC LIMIT 1`
}

/** Of a copy that is complete: before that, the org of the copy before stands behind the host. */
export function orgIdIn(bodyText: string): string | undefined {
  try {
    const body = JSON.parse(bodyText) as { records?: { SandboxOrganization?: unknown; Status?: unknown }[] }
    const [record] = body.records ?? []
    const { SandboxOrganization: id, Status: status } = record ?? {}
    return status === 'Completed' && typeof id === 'string' && id.startsWith('00D') ? to18(id) : undefined
  } catch {
    return undefined
  }
}
