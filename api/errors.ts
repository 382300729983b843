/**
 * Every error a caller can meet: its code, its status and the sentence that goes with it.
 * Clients switch over the code; the text says what to do. `docs/reference/errors.md` is generated from this table.
 */
export const errors = {
  // What was sent
  invalid_body: [400, 'The request body does not fit this endpoint; `errors` names each field.'],
  invalid_query_params: [400, 'The query string does not fit this endpoint; `errors` names each parameter.'],
  invalid_uri_params: [400, 'The path does not fit this endpoint; `errors` names each part.'],
  invalid_headers: [400, 'A header is missing or malformed; `errors` names each one.'],
  invalid_json: [400, 'The body is not valid JSON.'],
  invalid_content_type: [415, 'Send the body as application/json.'],
  body_too_large: [413, 'The body is larger than this endpoint accepts.'],
  invalid_request: [400, 'The request could not be read as HTTP; check its headers and its path.'],
  not_found: [404, 'Nothing is here. Check the path and the identifiers.'],
  method_not_allowed: [405, 'This path does not answer that method.'],
  conflict: [409, 'Something with that name exists already.'],
  // Who asks
  missing_auth_header: [401, 'Send `Authorization: Bearer <API key>`.'],
  malformed_auth_header: [401, 'The Authorization header must read `Bearer <API key>`.'],
  invalid_secret_key_format: [401, 'That is not the form of an API key (`hws_<environment>_<43 characters>`, or a UUID that you brought).'],
  unknown_account: [401, 'No such API key, or it was revoked or has expired. `npm run hawser -- keys` lists the keys.'],
  invalid_connect_session_token_format: [401, 'That is not the form of a connect session token.'],
  unknown_connect_session_token: [401, 'The connect session is unknown, was ended, or is older than 30 minutes. Create a new one.'],
  invalid_token: [401, 'The token is unknown, has expired, or ended with its connection or with the key that made it.'],
  forbidden: [403, 'This credential may not do that.'],
  not_signed_in: [401, 'Sign in first; the session is unknown, has ended, or was ended elsewhere.'],
  wrong_sign_in: [401, 'That email address and password do not belong together.'],
  wrong_code: [401, 'That code is wrong, too old, or was used already. Enter the next one.'],
  confirm_identity: [403, 'Confirm first that it is you; that holds for 15 minutes.'],
  foreign_page: [403, 'A call with a cookie must come from a page of this server, with the header Hawser-Environment.'],
  weak_password: [400, 'That password is too easy to guess.'],
  unknown_link: [404, 'This link is unknown, was used already, or is too old. Ask for a new one.'],
  last_owner: [409, 'Somebody must remain an owner. Make another person owner first.'],
  sso_refused: [403, 'The single sign-on did not let you in.'],
  too_many_request: [429, 'Too many requests. Wait as long as `Retry-After` says.'],
  // Integrations, providers, connections
  unknown_provider_config: [404, 'No integration has that key in this environment.'],
  unknown_provider: [404, 'The catalogue has no provider of that name.'],
  unknown_connection: [404, 'No connection has that id for that integration in this environment.'],
  invalid_auth_mode: [400, "The integration's provider uses another way to authorise."],
  integration_not_allowed: [400, 'This connect session is for other integrations.'],
  invalid_connection: [400, 'The connection to reconnect is gone. Start a new connect session.'],
  integration_in_use: [400, 'The integration has connections; delete them first.'],
  client_in_use: [400, 'Connections, or sign-ins under way, still need these client credentials; `payload` counts them.'],
  missing_webhook_url: [400, 'The environment has no webhook URL. Set it first.'],
  missing_client_id: [400, 'The integration has no client id yet. Set it, or pass one that belongs to this connection.'],
  connection_validation_failed: [400, 'The connection could not be validated.'],
  connection_test_failed: [400, 'The provider did not accept these credentials.'],
  invalid_hostname: [400, 'That is not a host this provider allows.'],
  instance_url_refused: [400, 'The instance URL is not on a host that this provider allows.'],
  refresh_token_replaced: [409, 'This refresh token was replaced by a newer one that is held here. Nothing was changed.'],
  // Credentials
  invalid_credentials: [424, 'The credentials of this connection no longer work; the customer has to reconnect.'],
  connection_refresh_backoff: [424, 'The last refresh failed a moment ago; the next attempt is made after `Retry-After`.'],
  connection_refresh_exhausted: [424, 'The credentials can no longer be refreshed; the customer has to reconnect.'],
  refresh_token_external_error: [424, 'The provider did not answer the refresh properly; the old credentials are kept.'],
  interrupted_refresh: [424, 'A refresh was interrupted and its outcome is unknown; the customer may have to reconnect.'],
  refresh_timeout: [503, 'The refresh takes longer than we wait. Try again.'],
  audit_unavailable: [503, 'The use of a credential cannot be recorded right now, so it is not used. Try again.'],
  credentials_unavailable: [503, 'The credentials cannot be read right now. Try again.'],
  vault_cannot_open: [
    424,
    'The vault cannot open what is stored for this connection: it was encrypted with another key, or altered. Calling again does not help.',
  ],
  vault_frozen: [
    503,
    'This database is a restored or copied one; nothing is refreshed in it, since that could end the grants of the original.',
  ],
  frozen: [423, 'Whoever runs this has frozen the connection, its integration or its environment: nothing is called or refreshed.'],
  // Proxy
  missing_api_url: [400, 'The connection has no API base URL (for Salesforce: `instance_url`). Reconnect it.'],
  base_url_override_disabled: [400, 'Base URL overrides are off for this integration. Allow the host on the integration first.'],
  base_url_override_not_allowed: [400, 'That host is not on the list that this integration allows.'],
  egress_refused: [400, 'That address is private or not allowed. An operator can allow it with HAWSER_TRUSTED_HOSTS.'],
  unsupported_auth: [400, 'The proxy cannot authorise requests for this provider yet.'],
  upgrade_not_supported: [426, 'WebSocket upgrades and CONNECT are not proxied. Call the provider over plain HTTP requests.'],
  upstream_unreachable: [502, 'The provider could not be reached.'],
  upstream_timeout: [504, 'The provider did not answer in time.'],
  send_again: [503, 'The credentials were renewed while this large request was on its way. Send it again.'],
  // Authorisation in the browser (also `error_type` over the WebSocket)
  state_err: [400, 'This sign-in link is unknown, already used or too old. Start again.'],
  state_cookie_err: [400, 'This sign-in was started in another browser. Start again in this one.'],
  callback_err: [400, 'The provider ended the sign-in with an error.'],
  token_err: [502, 'The provider did not hand out usable tokens.'],
  url_param_err: [400, 'A parameter of this sign-in is not allowed.'],
  // Ours
  not_ready: [503, 'The server is starting or stopping.'],
  server_error: [500, 'Something went wrong on our side. The log has the details under this request id.'],
} as const satisfies Record<string, readonly [number, string]>

export type ErrorCode = keyof typeof errors

/** One broken field: where it is and what is wrong with it. */
export interface FieldError {
  code: string
  message: string
  path: (string | number)[]
}

export interface FailureDetails {
  /** Replaces the code's own sentence, and the one about the first broken field. Public: never put a secret or an internal here. */
  message?: string
  errors?: FieldError[]
  payload?: unknown
  diagnosis?: unknown
  /** Seconds, sent as `Retry-After`. */
  retryAfter?: number
  /** For the log only. */
  internal?: string
  cause?: unknown
}

/** A failure that its caller can understand. Made by `fail`, turned into an answer by exactly one mapper. */
export class Failure extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly details: FailureDetails

  constructor(code: ErrorCode, details: FailureDetails = {}) {
    super(
      details.message ?? sentenceAbout(details.errors?.[0]) ?? errors[code][1],
      details.cause === undefined ? {} : { cause: details.cause },
    )
    this.name = 'Failure'
    this.code = code
    this.status = errors[code][0]
    this.details = details
  }
}

/** Many callers print the message alone: it names the first broken field. */
function sentenceAbout(error: FieldError | undefined): string | undefined {
  if (!error) return undefined
  const text = /[.!?]$/.test(error.message) ? error.message : `${error.message}.`
  return error.path.length === 0 ? text : `\`${error.path.join('.')}\`: ${text}`
}

/** `throw fail('unknown_connection')` */
export function fail(code: ErrorCode, details?: FailureDetails): Failure {
  return new Failure(code, details)
}

/** The body of every error answer. */
export interface ErrorBody {
  error: { code: ErrorCode; message: string; errors?: FieldError[]; payload?: unknown; diagnosis?: unknown }
}

export function errorBody(failure: Failure): ErrorBody {
  const { errors: fields, payload, diagnosis } = failure.details
  return {
    error: {
      code: failure.code,
      message: failure.message,
      ...(fields ? { errors: fields } : {}),
      ...(payload === undefined ? {} : { payload }),
      ...(diagnosis === undefined ? {} : { diagnosis }),
    },
  }
}
