/** Every failed sign-in as a diagnosis: what the provider's tables do not explain is explained here by its code. */
import type { ErrorCode, Failure } from '@hawser/api/errors.ts'
import type { ErrorClass } from '@hawser/salesforce/errors/error-row.ts'
import { toDiagnosis, type Diagnosis } from '#diagnosis/diagnose.ts'
import { MISTYPED } from './check-fields.ts'

interface Words {
  class: ErrorClass
  title: string
  fix: string
  endUserText: string
}

const OUR_SIDE = 'Something is set up wrong on our side. Please contact our support.'
const START_AGAIN = 'The user starts again; nothing is left of the attempt.'

const misconfigured = (title: string, fix: string): Words => ({ class: 'config', title, fix, endUserText: OUR_SIDE })

const expired: Words = {
  class: 'config',
  title: 'The connect session is over',
  fix: 'Create a new connect session and give its link to the user.',
  endUserText: 'This link has expired. Please ask whoever sent it to you for a new one.',
}

const words: Partial<Record<ErrorCode, Words>> = {
  missing_auth_header: expired,
  invalid_connect_session_token_format: expired,
  unknown_connect_session_token: expired,
  state_err: {
    class: 'user',
    title: 'The sign-in is unknown, already used or too old',
    fix: START_AGAIN,
    endUserText: 'This sign-in is already over, or took too long. Please start again.',
  },
  state_cookie_err: {
    class: 'user',
    title: 'The sign-in ended in another browser than it began in',
    fix: `${START_AGAIN} If it happens to everybody, see that cookies reach the public URL.`,
    endUserText: 'This sign-in was started in another browser. Please start again in this one, and allow cookies.',
  },
  callback_err: {
    class: 'user',
    title: 'The provider did not complete the sign-in',
    fix: START_AGAIN,
    endUserText: 'The sign-in could not be completed. Please start again.',
  },
  integration_not_allowed: misconfigured('The connect session is for other integrations', 'Name the integration in allowed_integrations.'),
  invalid_query_params: misconfigured('The sign-in was asked for with wrong parameters', 'Read `errors` of the answer.'),
  unknown_provider_config: misconfigured('The integration does not exist', 'Compare its key with the list of integrations.'),
  unknown_provider: misconfigured('The catalogue has no such provider', 'Compare the provider’s name with the list of providers.'),
  invalid_auth_mode: misconfigured('The provider has no sign-in of this kind', 'Import the connection instead.'),
  missing_client_id: misconfigured('The integration has no client id yet', 'Set client id and secret of the integration.'),
  url_param_err: misconfigured('A parameter of the sign-in is not allowed', 'Leave out what is named, or correct it.'),
  invalid_hostname: misconfigured('The address is not on a host of this provider', 'Correct the session’s connection_config.'),
  connection_validation_failed: misconfigured('The connection could not be validated', 'Read the cause; then let the user start again.'),
  instance_url_refused: misconfigured(
    'The provider’s answer names a host that may not get tokens',
    'Compare it with the provider’s hosts.',
  ),
  invalid_connection: {
    class: 'config',
    title: 'The connection to renew is gone',
    fix: 'Create a connect session for a new connection.',
    endUserText: 'The connection that this link renews no longer exists. Please ask whoever sent it to you for a new link.',
  },
}

const unexpected: Words = {
  class: 'transient',
  title: 'The server could not complete the sign-in',
  fix: 'See the server’s log.',
  endUserText: 'Something went wrong on our side. Please try again in a few minutes.',
}

export function diagnosisOf(failure: Failure): Diagnosis {
  const given = failure.details.diagnosis as Diagnosis | undefined
  if (given) return given
  const { class: whose, title, fix, endUserText } = wordsFor(failure)
  // The code itself: it can be looked up in the list of errors.
  const row = { id: failure.code, where: 'authorize', class: whose, title, cause: failure.message, fix: [fix], endUserText } as const
  return toDiagnosis({ ...row, confidence: 'V', source: 'our own check' })
}

function wordsFor(failure: Failure): Words {
  const found = words[failure.code] ?? unexpected
  // What is wrong with a field of the form is said to the person who filled it in.
  const fields = failure.code === 'url_param_err' ? failure.details.errors : undefined
  const mistyped = fields !== undefined && fields.length > 0 && fields.every((field) => field.code === MISTYPED)
  return mistyped ? { ...found, class: 'user', endUserText: failure.message } : found
}

/** Whether the person in front of the browser changes anything by starting again. */
export function canTryAgain(diagnosis: Diagnosis): boolean {
  return ['user', 'transient', 'limit', 'reconnect'].includes(diagnosis.class)
}
