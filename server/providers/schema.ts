/**
 * The format of a catalogue entry. The key names are those of the public format, so that files made for it load here. A key we know but
 * do not act on yet is kept and handed out; a key nobody knows is refused with its path, since it is most likely a typing error.
 */
import { z } from 'zod'
import { authModes, family, formField } from './form-field.ts'

const text = z.string().min(1).max(2000)
const template = z.string().min(1).max(2000)
const strings = z.record(z.string().min(1).max(255), z.string().max(4000))
const form = z.record(z.string().min(1).max(255), formField)
const url = z.url({ protocol: /^https?$/ }).max(2000)

/** Accepted and handed out by the API, without an effect of ours yet. */
const kept = z.unknown()

const proxy = z.strictObject({
  /** Template of the base URL of API calls, e.g. `${connectionConfig.instance_url}`. */
  base_url: template.optional(),
  /** Sent with every proxied call; values are templates. */
  headers: strings.optional(),
  query: strings.optional(),
  /** Which answers are worth another attempt and how long to wait; lists of header names, the longest wait wins. */
  retry: z
    .strictObject({
      after: z.union([text, z.array(text).max(10)]).optional(),
      at: z.union([text, z.array(text).max(10)]).optional(),
      remaining: z.union([text, z.array(text).max(10)]).optional(),
      error_code: z.union([text, z.array(text).max(20)]).optional(),
      in_body: kept.optional(),
    })
    .optional(),
  /** Endpoints that prove a set of credentials. */
  verification: kept.optional(),
  paginate: kept.optional(),
  connection_config: kept.optional(),
  decompress: z.boolean().optional(),
  body: kept.optional(),
  forward_headers_on_redirect: z.boolean().optional(),
})

/** What OAuth 2 (RFC 6749) reads. */
const oauth2Keys = {
  authorization_url: template.optional(),
  /** A template; per auth mode where a provider has several. */
  token_url: z.union([template, z.partialRecord(z.enum(authModes), template)]).optional(),
  /** Where tokens are renewed, if not at `token_url`. */
  refresh_url: template.optional(),
  /** Where tokens are revoked (RFC 7009). Ours. */
  revocation_url: template.optional(),
  authorization_params: strings.optional(),
  token_params: strings.optional(),
  /** Sent instead of `token_params` when refreshing. */
  refresh_params: strings.optional(),
  default_scopes: z.array(text).max(200).optional(),
  scope_separator: z.enum([' ', ',', '+']).optional(),
  /** No code_challenge: only for providers that refuse one. */
  disable_pkce: z.boolean().optional(),
  body_format: z.enum(['form', 'json', 'query', 'xml']).optional(),
  /** `header`: client id and secret by HTTP Basic (RFC 6749 §2.3.1) instead of the body. */
  authorization_method: z.enum(['header', 'body']).optional(),
  token_request_auth_method: z.enum(['basic', 'custom', 'private_key_jwt']).optional(),
  /** Seconds before its end at which a token is renewed; 300 unless given. */
  token_expiration_buffer: z.number().int().min(0).max(86_400).optional(),
  /** Where the token lies in the answer, dotted. */
  alternate_access_token_response_path: text.optional(),
  /** Keys of the token response that go to the connection's configuration. */
  token_response_metadata: z.array(text).max(50).optional(),
  /** Parameters of the callback that go to the connection's configuration. */
  redirect_uri_metadata: z.array(text).max(50).optional(),
  /** Name of the callback parameter that carries the code, if it is not `code`. */
  authorization_code_param_in_callback: text.optional(),
  /** The authorization server's identifier, compared with `iss` of the callback (RFC 9207). Ours. */
  issuer: url.optional(),
}

/** Our own options: what the public format leaves to code that looks at the provider's name. */
const ownKeys = {
  /** Which provider-specific code belongs to the entry (`server/quirks`), and which table of diagnoses. */
  family: family.optional(),
  /**
   * Hosts that tokens and secrets may be sent to besides those that the family or the templates fix. Exact `host` or `host:port`,
   * without patterns: one wrong star would hand a client secret to whoever types the matching host name.
   */
  allowed_hosts: z
    .array(
      z
        .string()
        .regex(
          /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:\d{1,5})?$/,
          'An exact host name in lower case, with a port if it is not the usual one',
        ),
    )
    .max(50)
    .optional(),
  /** Name of the authorization parameter that takes `user_scope` of a sign-in, where users and apps have scopes of their own. */
  user_scope_parameter: text.optional(),
  /** Where the production and the sandbox entry of one provider differ: a login in the other environment is refused with its name. */
  environment: z.enum(['production', 'sandbox']).optional(),
}

const keptNames = [
  'setup_guide_url',
  'integration_config',
  'assertion_option',
  'token_response',
  'token_headers',
  'token_request_method',
  'additional_steps',
  'token_response_headers',
  'refresh_token_params',
  'refresh_token_headers',
  'token_expires_in_ms',
  'expires_in_unit',
  'webhook_response_metadata',
  'authorization_code_param_in_webhook',
  'authorization_url_skip_encode',
  'authorization_url_skip_empty',
  'authorization_url_fragment',
  'authorization_url_replacements',
  'token_url_skip_encode',
  'require_client_certificate',
  'request_url',
  'signature_method',
  'request_params',
  'request_http_method',
  'token_http_method',
  'access_token_url',
  'signature',
  'token',
  'assertion',
  'client_registration',
  'registration_url',
  'registration_params',
  'installation',
  'auth_type',
  'webhook_routing_script',
  'webhook_user_defined_secret',
  'webhook_allowed_query_params',
  'post_connection_script',
  'pre_connection_deletion_script',
  'credentials_verification_script',
  'connection_configuration',
  'available_scopes',
  'auth',
  'decode_url',
  'refresh_token_response_metadata',
] as const
type KeptName = (typeof keptNames)[number]

const keptKeys = Object.fromEntries(keptNames.map((name) => [name, kept.optional()])) as Record<KeptName, z.ZodOptional<typeof kept>>

/** One entry after its alias was merged in. */
export const providerEntry = z.strictObject({
  display_name: text,
  /** Tags of the list, e.g. `crm`. */
  categories: z.array(text).max(20).default([]),
  auth_mode: z.enum(authModes),
  /** Page that explains the provider's setup. */
  docs: url,
  /** Page for the end user who connects. */
  docs_connect: url.optional(),
  logo_url: url.optional(),
  proxy: proxy.optional(),
  ...oauth2Keys,
  /** Form fields that become credentials. */
  credentials: form.optional(),
  /** Form fields that become the connection's configuration and fill `${connectionConfig.x}`. */
  connection_config: form.optional(),
  ...ownKeys,
  ...keptKeys,
})

/** `name` is the entry's key in the catalogue. */
export type Provider = z.output<typeof providerEntry> & { name: string }
