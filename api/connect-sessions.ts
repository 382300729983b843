import { z } from 'zod'
import { defineRoute } from './route.ts'
import * as values from './values.ts'

const defaults = z
  .record(
    values.integrationKey,
    z.strictObject({
      user_scopes: z.string().max(2000).optional(),
      authorization_params: z.record(z.string().max(255), z.string().max(2000)).optional(),
      /** Values that the customer need not type, e.g. `hostname`; also `oauth_scopes_override`, and the client of her own app: `oauth_client_id_override`, `oauth_client_secret_override`. */
      connection_config: z.record(z.string().max(255), z.unknown()).optional(),
    }),
  )
  .refine((value) => Object.keys(value).length <= 100, 'At most 100 integrations')

const overrides = z
  .record(
    values.integrationKey,
    z.strictObject({
      docs_connect: z
        .url({ protocol: /^https?$/ })
        .max(2000)
        .optional(),
    }),
  )
  .refine((value) => Object.keys(value).length <= 100, 'At most 100 integrations')

const common = {
  organization: values.organizationInput.optional(),
  integrations_config_defaults: defaults.optional(),
  overrides: overrides.optional(),
  webhook_url_override: values.webhookUrlOverride.optional(),
  tags: values.tags.optional(),
  /**
   * Where the person goes after a sign-in without a window (`mode=redirect`). Only you can name it: a browser that could would be an open redirect.
   * `hawser_result=success` or `hawser_result=error` is added to its query.
   */
  return_url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .optional(),
}

const created = z
  .object({ data: z.object({ token: z.string(), connect_link: z.string(), expires_at: values.timestamp }) })
  .meta({ id: 'CreatedConnectSession' })

export const createConnectSession = defineRoute({
  name: 'createConnectSession',
  method: 'POST',
  path: '/connect/sessions',
  summary: 'Opens a session in which one of your users may connect an account. It lasts 30 minutes.',
  access: { key: ['environment:connect_sessions:write'] },
  query: values.nothing,
  body: z
    .strictObject({
      end_user: values.endUserInput.optional(),
      allowed_integrations: z.array(values.integrationKey).max(100).optional(),
      ...common,
    })
    .refine((body) => body.end_user !== undefined || body.tags !== undefined, {
      message: 'Say whose connection it will be: `end_user: { id }`, or `tags`',
      path: ['end_user'],
    }),
  reply: { status: 201, body: created },
})

export const createReconnectSession = defineRoute({
  name: 'createReconnectSession',
  method: 'POST',
  path: '/connect/sessions/reconnect',
  summary: 'Opens a session that renews an existing connection.',
  access: { key: ['environment:connect_sessions:write'] },
  query: values.nothing,
  body: z.strictObject({
    connection_id: values.connectionId,
    integration_id: values.integrationKey,
    end_user: values.endUserInput.optional(),
    /** Salesforce: the connection may lead to another org from now on. Without it such a sign-in is refused, so that two orgs' data are not mixed. */
    accept_other_org: z.boolean().optional(),
    ...common,
  }),
  reply: { status: 201, body: created },
})

export const getConnectSession = defineRoute({
  name: 'getConnectSession',
  method: 'GET',
  path: '/connect/session',
  summary: 'Reads the session that the token stands for, with its result once there is one.',
  access: { session: true },
  query: values.nothing,
  reply: {
    status: 200,
    body: z.object({
      data: z.object({
        endUser: values.endUser.nullable(),
        connectUISettings: z.object({
          showWatermark: z.boolean(),
          defaultTheme: z.enum(['light', 'dark', 'system']),
          theme: z.object({ light: z.object({ primary: z.string() }), dark: z.object({ primary: z.string() }) }),
          /** Data URL of a picture. */
          logo: z.string().nullable(),
        }),
        allowed_integrations: z.array(z.string()).optional(),
        integrations_config_defaults: z.record(z.string(), z.unknown()).optional(),
        isReconnecting: z.literal(true).optional(),
        overrides: z.record(z.string(), z.unknown()).optional(),
        websocketsPath: z.string().optional(),
        expires_at: values.timestamp,
        return_url: z.string().optional(),
        /** What the customer should know before the next sign-in; `connection_id`: the connection of theirs that it concerns. */
        warnings: z.array(z.object({ code: z.enum(['approvals_used_up']), message: z.string(), connection_id: z.string() })).optional(),
        /** How the last attempt of this session ended, and when: lets a page poll where popups and WebSockets do not work. */
        result: z
          .discriminatedUnion('outcome', [
            z.object({
              outcome: z.literal('success'),
              provider_config_key: z.string(),
              connection_id: z.string(),
              at: values.timestamp.optional(),
            }),
            z.object({
              outcome: z.literal('error'),
              provider_config_key: z.string(),
              error_type: z.string(),
              error_desc: z.string(),
              diagnosis: values.diagnosis.nullable(),
              at: values.timestamp.optional(),
            }),
          ])
          .nullable(),
      }),
    }),
  },
})

export const deleteConnectSession = defineRoute({
  name: 'deleteConnectSession',
  method: 'DELETE',
  path: '/connect/session',
  summary: 'Ends the session.',
  access: { session: true },
  query: values.nothing,
  reply: { status: 204, body: null },
})
