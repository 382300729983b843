import type { ErrorRow } from './error-row.ts'

const STOPPED_TEXT = 'Something about this sign-in is not right, so we stopped it. Please contact our support.'

const common = { where: 'check', confidence: 'V', source: 'our own check of the token answer' } as const

/** Token answers that Salesforce sent without an error, and that we do not accept. */
export const signInChecks = {
  instanceUrlRefused: {
    ...common,
    id: 'instance-url-refused',
    class: 'config',
    title: 'The token answer names an instance URL that may not receive tokens',
    cause:
      'The host is not on the list of Salesforce’s hosts: a proxy in between altered the answer, or the org lies in a cloud that we do not know.',
    fix: ['Compare the org’s My Domain with the hosts that the provider allows.', 'No token was sent to the address.'],
    endUserText: STOPPED_TEXT,
  },
  signatureMismatch: {
    ...common,
    id: 'token-signature-mismatch',
    class: 'config',
    title: 'The signature of the token answer does not fit the consumer secret',
    cause: 'The answer was altered on its way, or the secret of the integration belongs to another app.',
    fix: ['Copy key and secret from the app’s "Consumer Key and Secret" page into the integration.'],
    endUserText: STOPPED_TEXT,
  },
  twoOrgs: {
    ...common,
    id: 'token-of-two-orgs',
    class: 'config',
    title: 'The token answer names two different orgs',
    cause: 'Access token and identity URL are of different orgs: the answer was altered or mixed up on its way.',
    fix: ['Look for a proxy between the server and Salesforce that rewrites or caches answers.'],
    endUserText: STOPPED_TEXT,
  },
} as const satisfies Record<string, Omit<ErrorRow, 'match'>>
