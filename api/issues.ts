import { z } from 'zod'
import { defineRoute } from './route.ts'
import * as values from './values.ts'

/** The request that opens a reconnect session; send its link to the end user. */
export const reconnectHint = z
  .object({
    method: z.literal('POST'),
    path: z.literal('/connect/sessions/reconnect'),
    body: z.object({ connection_id: z.string(), integration_id: z.string() }),
  })
  .meta({ id: 'ReconnectHint' })

const listedIssue = z
  .object({
    id: z.string(),
    kind: z.string(),
    connection_id: z.string(),
    provider_config_key: z.string(),
    provider: z.string(),
    end_user: values.endUser.nullable(),
    diagnosis: values.diagnosis.nullable(),
    opened_at: values.timestamp,
    last_seen_at: values.timestamp,
    /** Null while it is open. */
    closed_at: values.timestamp.nullable(),
    /** How often it was seen. */
    count: z.int(),
    /** Present while the issue is open and the end user can end it. */
    reconnect: reconnectHint.optional(),
  })
  .meta({ id: 'ListedIssue' })

export const listIssues = defineRoute({
  name: 'listIssues',
  method: 'GET',
  path: '/issues',
  summary: 'Lists what is, or was, wrong with connections, latest first.',
  access: { key: ['environment:connections:list'] },
  query: z.strictObject({
    state: z.enum(['open', 'closed', 'all']).optional(),
    kind: z.string().min(1).max(64).optional(),
    /** An integration's key. */
    integration: values.integrationKey.optional(),
    connectionId: values.connectionId.optional(),
    limit: values.wholeNumber(1, 200).optional(),
    /** `next` of the page before. */
    before: z.uuid().optional(),
  }),
  reply: { status: 200, body: z.object({ issues: z.array(listedIssue), next: z.string().nullable() }) },
})
