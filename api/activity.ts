/** What this server did: one row for each call, sign-in, refresh, delivery and change. */
import { z } from 'zod'
import { defineRoute } from './route.ts'
import * as values from './values.ts'

export const operationKinds = ['call', 'sign_in', 'refresh', 'connection', 'webhook', 'change'] as const

const operation = {
  id: z.string(),
  /** When it was over. */
  at: values.timestamp,
  kind: z.enum(operationKinds),
  /** `proxy`, `gateway`, `connect`, `reconnect`, `refresh`, a webhook's type, or what was changed: `connection.imported`, `integration.updated` … */
  action: z.string(),
  outcome: z.enum(['success', 'failure']),
  /** Of the HTTP answer that the caller got, or for refreshes and webhooks we did. Null: none. */
  status: z.int().nullable(),
  duration_ms: z.int().nullable(),
  /** An integration's key. */
  integration: z.string().nullable(),
  connection_id: z.string().nullable(),
  end_user_id: z.string().nullable(),
  actor: z.object({ kind: z.enum(['key', 'person', 'session', 'token', 'system']), id: z.string().nullable() }),
  method: z.string().nullable(),
  host: z.string().nullable(),
  /** With its query, values of parameters that are named like secrets replaced. 1,000 characters at most. */
  path: z.string().nullable(),
  error: z.object({ code: z.string(), title: z.string().nullable() }).nullable(),
}

const listedOperation = z.object(operation).meta({ id: 'ListedOperation' })

const wholeOperation = z
  .object({
    ...operation,
    /** Of failures only, and only headers that are known to hold no secret. */
    request_headers: z.record(z.string(), z.string()),
    response_headers: z.record(z.string(), z.string()),
    /** The first 2 KiB of a failing JSON answer, without what looks like a secret. */
    response_body: z.string().nullable(),
    error_message: z.string().nullable(),
    diagnosis: values.diagnosis.nullable(),
    messages: z.array(z.object({ at: values.timestamp, level: z.enum(['info', 'warn', 'error']), text: z.string() })),
  })
  .meta({ id: 'Operation' })

export const listActivity = defineRoute({
  name: 'listActivity',
  method: 'GET',
  path: '/activity',
  summary: 'Lists what happened, latest first; with `after` what has happened since, earliest first.',
  access: { key: ['environment:activity:read'] },
  query: z.strictObject({
    /** Comma-separated: `call`, `sign_in`, `refresh`, `connection`, `webhook`, `change`. */
    kind: z
      .string()
      .regex(new RegExp(`^(${operationKinds.join('|')})(,(${operationKinds.join('|')})){0,5}$`), `Of ${operationKinds.join(', ')}`)
      .optional(),
    outcome: z.enum(['success', 'failure']).optional(),
    /** An integration's key. */
    integration: values.integrationKey.optional(),
    connection: values.connectionId.optional(),
    /** An end user's id. */
    end_user: z.string().min(1).max(255).optional(),
    /** Part of a path, host, error code, or id of a connection or end user; or an operation's whole id. Looks at 50,000 rows for one page at most. */
    search: z.string().min(1).max(200).optional(),
    from: values.timestamp.optional(),
    /** Exclusive. */
    to: values.timestamp.optional(),
    limit: values.wholeNumber(1, 200).optional(),
    /** `next` of the page before. */
    cursor: z.uuid().optional(),
    /** `latest` of an answer before: rows since then. A row may come twice. */
    after: z.uuid().optional(),
  }),
  reply: {
    status: 200,
    body: z.object({
      operations: z.array(listedOperation),
      /** Null: there is nothing more. May be set on an empty page of a search: there are earlier rows to look at. */
      next: z.string().nullable(),
      latest: z.string(),
    }),
  },
})

export const getActivity = defineRoute({
  name: 'getActivity',
  method: 'GET',
  path: '/activity/:operationId',
  summary: 'Reads one operation, with its steps.',
  access: { key: ['environment:activity:read'] },
  params: z.strictObject({ operationId: z.uuid() }),
  query: values.nothing,
  reply: { status: 200, body: z.object({ data: wholeOperation }) },
  errors: ['not_found'],
})
