import type { z } from 'zod'
import type { connection as connectionSchema, issue as issueSchema, listedConnection } from '@hawser/api/connections.ts'
import { gatewayIdOf } from '#lib/ids.ts'
import type { StoredIssue } from '#issues/store.ts'
import type { ApiUsage } from '#orgs/api-usage.ts'
import type { StoredConnection, StoredCredentials } from './connection.ts'
import { hideRefreshTokens } from './hide-refresh-tokens.ts'

export type ConnectionAnswer = z.input<typeof connectionSchema>
export type ListedAnswer = z.input<typeof listedConnection>
type IssueAnswer = z.input<typeof issueSchema>

export interface AnsweredConnection {
  connection: StoredConnection
  integrationKey: string
  provider: string
  issues: readonly StoredIssue[]
  /** Of the org; undefined: not seen yet. */
  apiUsage?: ApiUsage | undefined
}

export function listedAnswer(answered: AnsweredConnection & { state: ListedAnswer['state'] }): ListedAnswer {
  const { org, createdAt } = answered.connection
  return {
    ...summary(answered),
    created: createdAt.toISOString(),
    state: answered.state,
    open_issues: answered.issues.length,
    org: org && { id: org.org_id, kind: org.kind, name: org.name },
  }
}

/** `credentials` undefined: the caller may not read them. Refresh tokens leave only when asked for. */
export function connectionAnswer(
  answered: AnsweredConnection,
  disclosed: { credentials: StoredCredentials; ownClientId: string | undefined; refreshToken: boolean } | undefined,
): ConnectionAnswer {
  const { connection, issues } = answered
  const config = connection.connectionConfig
  return {
    ...summary(answered),
    connection_config: disclosed?.refreshToken ? config : hideRefreshTokens(config),
    webhook_url_override: connection.webhookUrlOverride,
    created_at: connection.createdAt.toISOString(),
    updated_at: connection.updatedAt.toISOString(),
    last_fetched_at: connection.lastFetchedAt?.toISOString() ?? null,
    credentials: disclosed ? credentialsAnswer(disclosed.credentials, disclosed.ownClientId, disclosed.refreshToken) : {},
    issues: issues.map(issueAnswer),
    org: connection.org && { ...connection.org, api_usage: usageAnswer(answered.apiUsage) },
  }
}

function usageAnswer(usage: ApiUsage | undefined): NonNullable<ConnectionAnswer['org']>['api_usage'] {
  return usage ? { used: usage.used, max: usage.max, seen_at: new Date(usage.seenAt).toISOString() } : null
}

function credentialsAnswer(
  credentials: StoredCredentials,
  ownClientId: string | undefined,
  refreshToken: boolean,
): ConnectionAnswer['credentials'] {
  if (credentials.type === 'NONE') return {}
  const shown = refreshToken ? credentials : (hideRefreshTokens({ ...credentials }) as unknown as typeof credentials)
  return { ...shown, ...(ownClientId === undefined ? {} : { config_override: { client_id: ownClientId } }) }
}

function summary({ connection, integrationKey, provider, issues }: AnsweredConnection) {
  return {
    id: connection.number,
    connection_id: connection.connectionId,
    provider_config_key: integrationKey,
    provider,
    // The wire's older form of what is wrong; `issues` of a single connection says more.
    errors: issues.map((issue) => ({ type: 'auth', log_id: issue.operationId ?? issue.id })),
    end_user: connection.endUser,
    tags: connection.tags,
    metadata: connection.metadata,
    gateway_id: gatewayIdOf(connection.id),
  }
}

function issueAnswer(issue: StoredIssue): IssueAnswer {
  return {
    id: issue.id,
    kind: issue.kind,
    opened_at: issue.openedAt.toISOString(),
    last_seen_at: issue.lastSeenAt.toISOString(),
    count: issue.count,
    diagnosis: issue.diagnosis as IssueAnswer['diagnosis'],
  }
}
