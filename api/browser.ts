/** What a browser opens on the way through a sign-in. These answer pages and redirects, not JSON, so they are not in the route list. */
import { z } from 'zod'
import { integrationKey } from './values.ts'

const text = (max: number) => z.string().max(max)
const values = z.record(z.string().max(255), text(2000))

/** `GET /oauth/connect/:providerConfigKey` → 302 to the provider. */
export const oauthConnect = {
  path: '/oauth/connect/:providerConfigKey',
  params: z.strictObject({ providerConfigKey: integrationKey }),
  query: z.object({
    connect_session_token: text(255).optional(),
    ws_client_id: z.uuid().optional(),
    connection_id: text(255).optional(),
    /** Fields of the provider's form, e.g. `params[hostname]`. */
    params: values.optional(),
    user_scope: text(2000).optional(),
    authorization_params: values.optional(),
    /** The client of the customer's own app: `credentials[oauth_client_id_override]`, `credentials[oauth_client_secret_override]`. */
    credentials: z
      .strictObject({ oauth_client_id_override: text(255).optional(), oauth_client_secret_override: text(2048).optional() })
      .optional(),
    /**
     * Without a popup the result can be polled by the session token. `page`: it is shown on a page. `redirect`: the person is sent to the session's
     * `return_url`.
     */
    mode: z.enum(['popup', 'page', 'redirect']).optional(),
  }),
} as const

/** `GET /oauth/callback`: the redirect URI. */
export const oauthCallback = {
  path: '/oauth/callback',
  query: z.looseObject({
    state: text(255).optional(),
    code: text(8192).optional(),
    error: text(255).optional(),
    error_description: text(2000).optional(),
    iss: text(2000).optional(),
  }),
} as const
