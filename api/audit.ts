import { z } from 'zod'
import { defineRoute } from './route.ts'
import * as values from './values.ts'

const auditEvent = z
  .object({
    /** Chain and place in it, as `hawser audit verify` names it. */
    id: z.string(),
    /** Of uses: the beginning of the minute in which they were counted. */
    at: values.timestamp,
    /** `credentials.read`, `credentials.used`, `connection.created` … */
    action: z.string(),
    /** `id` is missing where nobody was asked who he is (the server itself, the command line). */
    actor: z.object({ kind: z.string(), id: z.string().optional() }),
    /** From where. Null for uses, whose `subject.addresses` says so, for the server itself, and after an erasure. */
    address: z.string().nullable(),
    request_id: z.string().nullable(),
    /** What it was done to, by ids; `connection` is the uuid behind the connection's `gateway_id`. */
    subject: z.record(z.string(), z.unknown()),
    /** Whose account it was; `id` is null when that was erased. Null: nobody's, as far as known. */
    end_user: z.object({ id: z.string().nullable(), pseudonym: z.string() }).nullable(),
    /** How many uses the row stands for; else 1. */
    count: z.int(),
  })
  .meta({ id: 'AuditEvent' })

export const listAudit = defineRoute({
  name: 'listAudit',
  method: 'GET',
  path: '/audit',
  summary: 'Lists who read, used or changed what in the environment, latest first.',
  access: { key: ['environment:audit:read'] },
  query: z.strictObject({
    from: values.timestamp.optional(),
    /** Exclusive. */
    to: values.timestamp.optional(),
    action: z.string().min(1).max(100).optional(),
    /** Id of an API key or of a connect session, or a job of the server's own, such as `system:refresh`. */
    actor: z.string().min(1).max(100).optional(),
    /** The id of a connection that exists, or the uuid of one that may be gone. */
    connection: values.connectionId.optional(),
    /** An integration's key. */
    integration: values.integrationKey.optional(),
    limit: values.wholeNumber(1, 200).optional(),
    /** `next` of the page before. */
    cursor: z.string().max(200).optional(),
  }),
  reply: { status: 200, body: z.object({ events: z.array(auditEvent), next: z.string().nullable() }) },
})
