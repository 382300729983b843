import type { Incoming } from '../incoming.ts'
import { json, type Reply } from '../reply.ts'

/** `GET /.well-known/openid-configuration`. As in the real document, PKCE is not mentioned. */
export function discovery(incoming: Incoming): Reply {
  const { origin } = incoming.site
  return json(200, {
    issuer: origin,
    authorization_endpoint: `${origin}/services/oauth2/authorize`,
    token_endpoint: `${origin}/services/oauth2/token`,
    revocation_endpoint: `${origin}/services/oauth2/revoke`,
    userinfo_endpoint: `${origin}/services/oauth2/userinfo`,
    jwks_uri: `${origin}/id/keys`,
    introspection_endpoint: `${origin}/services/oauth2/introspect`,
    scopes_supported: ['id', 'api', 'web', 'full', 'refresh_token', 'openid', 'profile', 'email', 'offline_access'],
    response_types_supported: ['code', 'token', 'token id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    display_values_supported: ['page', 'popup', 'touch'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic', 'private_key_jwt'],
  })
}
