/** What this server posts to your webhook URL. */
import { z } from 'zod'
import { reconnectHint } from './issues.ts'
import * as values from './values.ts'

const auth = {
  from: z.literal('nango'),
  type: z.literal('auth'),
  connectionId: z.string(),
  providerConfigKey: z.string(),
  authMode: z.string(),
  provider: z.string(),
  environment: z.string(),
  operation: z.enum(['creation', 'override', 'refresh']),
  tags: z.record(z.string(), z.string()).optional(),
  endUser: z
    .object({
      endUserId: z.string(),
      endUserEmail: z.string().optional(),
      organizationId: z.string().optional(),
      tags: z.record(z.string(), z.string()),
    })
    .optional(),
}

export const authWebhook = z
  .discriminatedUnion('success', [
    z.object({ ...auth, success: z.literal(true) }),
    z.object({
      ...auth,
      success: z.literal(false),
      error: z.object({ type: z.string(), description: z.string() }),
      diagnosis: values.diagnosis.optional(),
    }),
  ])
  .meta({ id: 'AuthWebhook' })

/** Whose message it is. */
const subject = {
  environment: z.string(),
  connection_id: z.string(),
  provider_config_key: z.string(),
  provider: z.string(),
  end_user: values.endUser.nullable(),
  tags: z.record(z.string(), z.string()),
}

/**
 * Our own messages, in the form of Standard Webhooks: `type` with a dot, `timestamp`, `data`. They go where the auth messages go, signed alike. A
 * receiver that was written for the messages above switches on `type: "auth"` or asks for `from`: neither fits here, so it drops these, as it must
 * drop every type that it does not know. Ids, names and our fixed texts only: no secret, and no word of a provider's answer.
 */
const own = <const T extends string, D extends z.ZodRawShape>(type: T, data: D) =>
  z.object({ type: z.literal(type), timestamp: values.timestamp, data: z.object({ ...subject, ...data }) })

const toldIssue = { id: z.string(), kind: z.string(), opened_at: values.timestamp }

/** Once for each issue, not for each time it is seen again. */
export const issueOpenedWebhook = own('issue.opened', {
  issue: z.object({ ...toldIssue, diagnosis: values.diagnosis.nullable() }),
  /** Where a reconnect ends it: the call that makes the link for the end user. */
  reconnect: reconnectHint.optional(),
}).meta({ id: 'IssueOpenedWebhook' })

export const issueResolvedWebhook = own('issue.resolved', {
  issue: z.object({ ...toldIssue, closed_at: values.timestamp }),
  /** `superseded`: another issue of the connection says more. */
  reason: z.enum(['works_again', 'reconnected', 'superseded']),
}).meta({ id: 'IssueResolvedWebhook' })

/** Once for each connection and refresh of its sandbox. The connection is closed to calls until it is reconnected, unless `basis` is `reconnect`. */
export const sandboxRefreshedWebhook = own('connection.sandbox_refreshed', {
  old_org_id: z.string(),
  new_org_id: z.string(),
  instance_url: z.string(),
  /** How it was found: the host told, the production org told, a token answer told, another connection or this one was reconnected. */
  basis: z.enum(['host', 'production', 'token_answer', 'reconnect']),
  /** What you may keep that the org was the key of, and that is void now: drop it. */
  invalidates: z.array(z.enum(['record_ids', 'replay_ids', 'query_cursors', 'bulk_jobs', 'metadata_ids', 'caches'])),
}).meta({ id: 'ConnectionSandboxRefreshedWebhook' })

export const connectionDeletedWebhook = own('connection.deleted', {}).meta({ id: 'ConnectionDeletedWebhook' })

/** The connection is gone here, but its grant may still live at the provider: somebody has to end it there. */
export const revocationFailedWebhook = own('connection.revocation_failed', {
  /** Where the revocation was sent. */
  host: z.string(),
  attempts: z.int(),
  diagnosis: values.diagnosis,
}).meta({ id: 'ConnectionRevocationFailedWebhook' })

export const ownWebhook = z.discriminatedUnion('type', [
  issueOpenedWebhook,
  issueResolvedWebhook,
  sandboxRefreshedWebhook,
  connectionDeletedWebhook,
  revocationFailedWebhook,
])

/** Sent when somebody asks for it, to see whether messages arrive. */
export const testWebhookMessage = z
  .object({
    type: z.literal('webhook.test'),
    timestamp: values.timestamp,
    data: z.object({ environment: z.string(), message: z.string() }),
  })
  .meta({ id: 'TestWebhook' })

/** Everything that is posted to a webhook URL, by `type`. */
export const webhooks = {
  auth: { schema: authWebhook, summary: 'A connection was created, renewed, or can no longer be refreshed.' },
  'issue.opened': { schema: issueOpenedWebhook, summary: 'Something is wrong with a connection.' },
  'issue.resolved': { schema: issueResolvedWebhook, summary: 'What an issue said is over.' },
  'connection.sandbox_refreshed': {
    schema: sandboxRefreshedWebhook,
    summary: 'The sandbox behind a connection was refreshed: another org now.',
  },
  'connection.deleted': { schema: connectionDeletedWebhook, summary: 'A connection was deleted.' },
  'connection.revocation_failed': {
    schema: revocationFailedWebhook,
    summary: 'The grant of a deleted connection could not be ended at the provider.',
  },
  'webhook.test': { schema: testWebhookMessage, summary: 'Somebody tries whether messages arrive; tried once, never again.' },
} as const
