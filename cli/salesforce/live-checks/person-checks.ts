/** What no program can try without harm, and how a person does. */
import type { LiveCheck } from './live-check.ts'

const byPerson = (about: string, person: string): LiveCheck => ({ about, person })

export const personChecks: readonly LiveCheck[] = [
  byPerson('app-blocked', 'Block the app in Setup → Connected Apps OAuth Usage, then sign in.'),
  byPerson('login-wrong-environment', 'Log in at test.salesforce.com with a production user, and note the sentence.'),
  byPerson('org-inactive', 'Needs a locked org: refresh a token of it.'),
  byPerson('grant-refused', 'Collect the descriptions of invalid_grant from the logs of a server in use.'),
  byPerson('token-rate-limited', 'Cannot be provoked politely: collect from logs.'),
  byPerson('token-host-not-routed', 'Refresh a token while its sandbox is being copied.'),
  byPerson('device-login-expired', 'Start a device login and let its code expire.'),
  byPerson('concurrent-requests-reached', 'Send more than 25 slow calls at once in a Developer Edition org that nobody needs.'),
  byPerson('access-insufficient', 'Write to a read-only field, and to an object without permission.'),
  byPerson('rate-limited', 'Cannot be provoked politely: collect from logs.'),
  byPerson('unauthorized', 'Collect the bodies of 401 answers without INVALID_SESSION_ID from the logs of a server in use.'),
  byPerson('record-refused', 'Create a record against a validation rule.'),
  byPerson(
    'A second refresh at the same moment',
    'Refresh one grant twice at once with rotation on, then refresh again with the token that is left.',
  ),
  byPerson('Logins counted out', 'Cannot be provoked politely: collect from logs.'),
  byPerson('Inactive user, locked org, IP ranges', 'Deactivate a test user, refresh, activate the user again, refresh again.'),
  byPerson('Deleted orgs', 'Refresh a token of a deleted scratch org, and note status and text.'),
  byPerson('Status 420 of the data API', 'Call the data API of a sandbox while it moves to another instance.'),
  byPerson('The lifetime of a lost answer', 'Cut the connection after a rotating refresh was sent, then refresh with the old token.'),
  byPerson(
    'Rotation and the first-party instances',
    'Switch rotation on and see whether each refresh brings a new refresh token: npm run hawser -- salesforce app check --refresh-once.',
  ),
  byPerson(
    'Whether an external client app of production is copied',
    'Make an app in production, refresh a sandbox, and look for the app and its key there.',
  ),
  byPerson(
    'Whether refresh tokens survive the migration',
    'npm run hawser -- salesforce app migrate --eligible: it refreshes one connection after the migration and tells.',
  ),
  byPerson(
    'PKCE switched off in an external client app',
    'Switch PKCE off, wait, and look again; npm run hawser -- salesforce app check tells what the sign-in page asks for.',
  ),
  byPerson('deploy-duplicate', 'Deploy an app with the consumer key of another one.'),
  byPerson('deploy-consumer-key-refused', 'Deploy an existing app with a consumer key in its global OAuth file.'),
  byPerson(
    'deploy-permission-missing',
    'Deploy as a user without "Create, Edit, and Delete External Client Apps", then as one without "Modify Metadata".',
  ),
  byPerson('deploy-feature-off', 'Deploy with the headless flow on to an org whose own switch is off, and note the sentence.'),
  byPerson(
    'The exact error of the username-password flow',
    'Ask the token endpoint with grant_type=password and the key of an external client app.',
  ),
  byPerson('sandbox-refresh-suspected', 'Refresh a sandbox whose connections Hawser holds, and compare what it says with what happened.'),
  byPerson('sandbox-not-reachable', 'Refresh a token while its sandbox is being copied, and just after it was deleted.'),
  byPerson('soap-login-refused', 'Log in by SOAP login() in an org that refuses it, and note the fault.'),
]
