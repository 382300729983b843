import { errors, type ErrorCode, type Failure } from '@hawser/api/errors.ts'
import type { ErrorClass } from '@hawser/salesforce/errors/error-row.ts'
import { toDiagnosis, type Diagnosis } from './diagnose.ts'

type Words = readonly [errorClass: ErrorClass, title: string, ...steps: [string, ...string[]]]

const LIST_CONNECTIONS = 'List the connections of the environment: GET /connections.'
const RECONNECT = 'Open a reconnect session (POST /connect/sessions/reconnect), and let the end user sign in again.'
const NEW_SESSION = 'Create a new connect session, and give its link to the end user.'
const KEYS = '“npm run hawser -- keys” lists the keys and makes new ones.'

/** The codes of our own error answers that need more words than the answer itself has. */
const words: Partial<Record<ErrorCode, Words>> = {
  missing_auth_header: ['bug', 'The call carries no API key', 'Send the header “Authorization: Bearer <API key>”.', KEYS],
  malformed_auth_header: ['bug', 'The Authorization header cannot be read', 'Send “Authorization: Bearer <API key>”, on one line.'],
  invalid_secret_key_format: ['bug', 'The API key does not have the form of one', 'Copy the whole key, without quotes or spaces.', KEYS],
  unknown_account: [
    'config',
    'The API key is unknown, revoked or has expired',
    'See that key and server belong together: each server, and each environment, has keys of its own.',
    KEYS,
  ],
  invalid_connect_session_token_format: ['bug', 'That is no connect session token', 'Use data.token of POST /connect/sessions as it is.'],
  unknown_connect_session_token: ['config', 'The connect session is over', NEW_SESSION],
  forbidden: ['config', 'The key may not do that', 'Make a key with the scope that the message names.', KEYS],
  unknown_provider_config: [
    'bug',
    'There is no integration of that key',
    'List the integrations of this environment: GET /integrations.',
    'Compare the key letter for letter, and see that the API key belongs to the right environment.',
  ],
  unknown_provider: ['bug', 'The catalogue has no such provider', 'List them: GET /providers.'],
  unknown_connection: [
    'bug',
    'There is no such connection',
    LIST_CONNECTIONS,
    'Compare connection id and integration; the same id may exist under another integration or environment.',
  ],
  invalid_auth_mode: ['bug', 'The provider authorises in another way', 'Read auth_mode of the provider: GET /providers/<name>.'],
  integration_not_allowed: ['bug', 'The connect session is for other integrations', 'Name the integration in allowed_integrations.'],
  invalid_connection: ['bug', 'The connection to renew is gone', 'Create a session for a new connection.'],
  integration_in_use: ['bug', 'The integration still has connections', 'Delete its connections first.', LIST_CONNECTIONS],
  missing_client_id: [
    'config',
    'The integration has no client id yet',
    'Store client id and secret of your app in the integration: PATCH /integrations/<key>.',
    'Or give those of the customer’s own app with the connect session.',
  ],
  invalid_hostname: ['config', 'That host does not belong to the provider', 'Correct hostname in the session’s connection_config.'],
  instance_url_refused: [
    'config',
    'The instance URL is not on a host that may get tokens',
    'Use the org’s address as Salesforce gave it, such as https://acme.my.salesforce.com.',
  ],
  connection_test_failed: ['user', 'The provider did not accept the credentials', 'Import a fresh access token.', 'Or connect by sign-in.'],
  refresh_token_replaced: [
    'bug',
    'A newer refresh token is held here already',
    'Leave the connection out of the import: it is there, with newer credentials.',
    RECONNECT,
  ],
  invalid_credentials: ['reconnect', 'The credentials of the connection no longer work', RECONNECT],
  connection_refresh_exhausted: ['reconnect', 'The credentials can no longer be renewed', RECONNECT],
  connection_refresh_backoff: [
    'transient',
    'A renewal has just failed, and is not repeated at once',
    'Wait as long as Retry-After says, and call again.',
    'Read the issue of the connection for the reason: GET /connections/<id>.',
  ],
  refresh_token_external_error: [
    'transient',
    'The provider did not answer the renewal properly',
    'Wait and call again; the old credentials are kept.',
    'If it stays, read the diagnosis of the connection’s issue.',
  ],
  interrupted_refresh: [
    'reconnect',
    'A renewal was cut off, and its outcome is unknown',
    'Call again: one more attempt is made where that is safe.',
    RECONNECT,
  ],
  refresh_timeout: ['transient', 'The renewal takes too long', 'Call again.'],
  audit_unavailable: [
    'transient',
    'The use of a credential could not be recorded, so it was not used',
    'Call again.',
    'If it stays, look at the database and at the space on the server’s data directory; HAWSER_AUDIT_JOURNAL says how much of it is used.',
  ],
  credentials_unavailable: [
    'transient',
    'The credentials cannot be read at the moment',
    'Call again.',
    'If it stays, look at the database.',
  ],
  vault_cannot_open: [
    'config',
    'The vault cannot open this row: wrong key, or altered',
    'If it is one connection: its row in the table grant was altered, or moved from another one. Find out who writes to the database.',
    'Then restore that row from a backup that is younger than the last renewal; or have the end user reconnect, which replaces it.',
    'If it is every connection: the database belongs to another vault key. Put that key back (vault.key, HAWSER_ENCRYPTION_KEY or HAWSER_KMS_KEY); “npm run hawser -- vault status” names the present one.',
  ],
  vault_frozen: [
    'config',
    'This database is a restored or copied one',
    'Use the original; if this one is to replace it, whoever runs Hawser says so at the start.',
  ],
  frozen: [
    'config',
    'Somebody has frozen it',
    'Ask whoever runs this installation; the message has the reason.',
    'To lift it: npm run hawser -- unfreeze, or POST …/unfreeze.',
  ],
  missing_api_url: ['reconnect', 'The connection has no API address', RECONNECT],
  base_url_override_disabled: ['config', 'Other hosts are not allowed for this integration', 'Allow the host in base_url_override_hosts.'],
  base_url_override_not_allowed: ['config', 'That host is not on the integration’s list', 'Add the host to base_url_override_hosts.'],
  egress_refused: [
    'config',
    'Hawser may not call that address',
    'Use an address that can be reached from the internet.',
    'Whoever runs Hawser can allow a private host with HAWSER_TRUSTED_HOSTS.',
  ],
  upstream_unreachable: [
    'transient',
    'The provider could not be reached',
    'Call again later.',
    'If it stays, resolve and open the host from the machine that Hawser runs on.',
  ],
  upstream_timeout: [
    'transient',
    'The provider did not answer in time',
    'Look whether a call that writes was carried out, then call again.',
  ],
  send_again: ['transient', 'The call came while the credentials were renewed', 'Send it again.'],
  state_err: ['user', 'The sign-in is unknown, already used or too old', 'The end user starts again.'],
  state_cookie_err: [
    'user',
    'The sign-in ended in another browser than it began in',
    'The end user starts again, in one browser and with cookies allowed.',
    'If it happens to everybody, see that cookies reach the public URL of the server.',
  ],
  callback_err: [
    'user',
    'The provider ended the sign-in with an error',
    'Read the diagnosis of the session’s result.',
    'Then start again.',
  ],
  token_err: ['transient', 'The provider handed out no usable tokens', 'Read the diagnosis of the session’s result.', 'Then start again.'],
  url_param_err: ['bug', 'A parameter of the sign-in is not allowed', 'Leave out what is named, or correct it.'],
  not_ready: ['transient', 'The server is starting or stopping', 'Call again in some seconds.', 'If it stays, read the server’s log.'],
  server_error: ['transient', 'Something went wrong in Hawser', 'Look into the log under the request id of the answer.', 'Call again.'],
  too_many_request: ['limit', 'Too many calls', 'Wait as long as Retry-After says.'],
}

const END_USER: Partial<Record<ErrorClass, string>> = {
  transient: 'Something is not answering at the moment. Please try again in a few minutes.',
  limit: 'There were too many requests. Please try again in a few minutes.',
  reconnect: 'The connection has ended. Please connect again.',
  user: 'The sign-in could not be completed. Please start again.',
}

export function isHawserCode(code: string): code is ErrorCode {
  return Object.hasOwn(errors, code)
}

/** Explains a code of our own error answers. `docs` stays empty: docs/reference/errors.md lists all codes. */
export function explainHawserCode(code: ErrorCode): Diagnosis {
  const [status, sentence] = errors[code]
  const [errorClass, title, ...steps] = words[code] ?? plainWords(status, sentence)
  const actor = status >= 500 && errorClass === 'transient' && !code.startsWith('upstream') ? ({ actor: 'hawser' } as const) : {}
  const endUserText = END_USER[errorClass] ?? 'Something is set up wrong on our side. Please contact our support.'
  const row = { id: code, where: 'check', class: errorClass, title, cause: sentence, fix: steps, endUserText, confidence: 'V' } as const
  return toDiagnosis({ ...row, ...actor, source: 'api/errors.ts' }, { status })
}

/** Failures of connecting, refreshing and calling: their answers say what to do even where nobody found out more. */
const ALWAYS_EXPLAINED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'missing_client_id',
  'invalid_hostname',
  'instance_url_refused',
  'connection_test_failed',
  'invalid_credentials',
  'connection_refresh_backoff',
  'connection_refresh_exhausted',
  'refresh_token_external_error',
  'interrupted_refresh',
  'refresh_timeout',
  'audit_unavailable',
  'credentials_unavailable',
  'vault_cannot_open',
  'vault_frozen',
  'frozen',
  'missing_api_url',
  'base_url_override_disabled',
  'base_url_override_not_allowed',
  'egress_refused',
  'upstream_unreachable',
  'upstream_timeout',
  'send_again',
])

/** What the answer of a failure carries as `diagnosis`. */
export function diagnosisOfFailure({ code, details }: Failure): Diagnosis | undefined {
  if (details.diagnosis) return details.diagnosis as Diagnosis
  return ALWAYS_EXPLAINED.has(code) ? explainHawserCode(code) : undefined
}

function plainWords(status: number, sentence: string): Words {
  const title = sentence.replace(/[;.,].*$/s, '')
  return [status >= 500 ? 'transient' : 'bug', title, 'Read message and errors of the answer: they name what is wrong with the call.']
}
