import type { ErrorRow } from './error-row.ts'

/**
 * Errors that Salesforce shows on a page of its own and never reports to the callback: the connect session is simply abandoned. They are
 * recognised in what the user pastes: the address or the text of `/setup/secur/RemoteAccessErrorPage.apexp` or of the login page.
 */
export const pageErrors: readonly ErrorRow[] = [
  {
    id: 'client-id-unknown',
    where: 'page',
    match: [{ error: 'invalid_client_id' }],
    class: 'config',
    title: 'Salesforce does not know the consumer key on this host',
    cause:
      'The key is mistyped or has a space around it, belongs to an app in another org or environment (a sandbox app asked for at login.salesforce.com), ' +
      'was created less than 10 (at most 30) minutes ago, or its app was deleted, as a sandbox refresh does.',
    fix: [
      'Compare the key with the app’s "Consumer Key and Secret" page.',
      'Log in at the My Domain host of the org that owns the app.',
      'Wait if the app is new.',
      'After a sandbox refresh create the app again.',
      '(A guide also blames special characters in the developer’s password; nothing confirms that.)',
    ],
    endUserText: 'This Salesforce connection is not set up correctly yet. Please contact our support.',
    confidence: 'V',
    source: 'HELP',
  },
  {
    id: 'redirect-uri-mismatch',
    where: 'page',
    match: [{ error: 'redirect_uri_mismatch' }],
    class: 'config',
    title: 'The callback address is not one of the app’s',
    cause:
      'The app’s callback URLs do not contain the address that was sent, character for character: slash at the end, http or https, host, port, path.',
    fix: ['Copy the integration’s callback URL into the app’s callback URLs exactly.', 'A change may take some minutes.'],
    endUserText: 'This Salesforce connection is not set up correctly yet. Please contact our support.',
    confidence: 'V',
    source: 'HELP',
  },
  {
    id: 'external-app-not-installed',
    where: 'page',
    match: [{ error: 'OAUTH_EC_APP_NOT_FOUND' }, { description: 'External client app is not installed in this org' }],
    class: 'config',
    title: 'The external client app is not installed in this org',
    cause:
      'A local external client app works only in the org where it was created; a packaged one must be installed first. The user logged in to another org.',
    fix: [
      'Log in at the My Domain host of the org that owns the app, or install its package in the user’s org, or create an app in that org.',
    ],
    endUserText:
      'The app is not installed in the Salesforce org that you logged in to. Check that it is the right org, or ask your Salesforce administrator.',
    confidence: 'V',
    source: 'HELP',
  },
  {
    id: 'cross-org-blocked',
    where: 'page',
    match: [
      { error: 'OAUTH_AUTHORIZATION_BLOCKED' },
      { description: 'Cross-org OAuth flows are not supported for this external client app' },
    ],
    class: 'user',
    title: 'The browser is logged in to another Salesforce org',
    cause: 'A local external client app was used by a user of a different org: an old browser session, or a login at the generic host.',
    fix: [
      'Set the connection’s login host to the My Domain host of the app’s org, keep prompt=login, and try in a private window.',
      'If users of several orgs must connect, distribute the app as a package or create one in each org.',
    ],
    endUserText:
      'Your browser is logged in to another Salesforce org. Try again in a private window and log in to the org that you want to connect.',
    confidence: 'V',
    source: 'HELP',
  },
  {
    id: 'app-must-be-installed',
    where: 'page',
    match: [{ error: 'invalid_client', description: 'app must be installed into org' }, { description: 'app must be installed into org' }],
    class: 'customer_admin',
    title: 'The connected app must be installed by an administrator first',
    cause: 'Since September 2025 users cannot newly authorize a connected app that is not installed in their org.',
    fix: [
      'Ask the administrator to install the app under "Connected Apps OAuth Usage", or to give the user "Approve Uninstalled Connected Apps" ("Use Any API Client" where API Access Control is on).',
      'Better: a local external client app in that org.',
    ],
    endUserText: 'Your Salesforce administrator must install this app before you can connect. Please forward this message to them.',
    confidence: 'V',
    source: 'HELP 005132365',
  },
  {
    id: 'approval-failed',
    where: 'page',
    match: [
      { error: 'OAUTH_APPROVAL_ERROR_GENERIC' },
      // Salesforce's own spelling.
      { description: 'An unexpected error has occured during authentication' },
    ],
    class: 'customer_admin',
    title: 'Salesforce refused the approval without saying why',
    cause:
      'A code for several things: the connected app is not installed in the org (most often), is blocked, API Access Control is on, or PKCE or the callback is wrong.',
    fix: [
      'Look at the address of the error page: it often holds error=… and error_description=… with the real reason.',
      'Else check that the app is installed and not blocked, that the user may use it, and the callback URL.',
    ],
    endUserText: 'Salesforce did not approve the connection. Please send the full address of the error page to our support.',
    confidence: 'V',
    source: 'HELP',
  },
  {
    id: 'app-access-denied',
    where: 'page',
    match: [{ error: 'OAUTH_APP_ACCESS_DENIED' }, { error: 'invalid_app_access' }],
    class: 'customer_admin',
    title: 'The user is not approved for the app',
    cause:
      'The app’s policy is "Admin approved users are pre-authorized", and none of the user’s profiles or permission sets is on its list.',
    fix: ['Ask the administrator to assign the app’s permission set or profile to the user, or to let all users authorize themselves.'],
    endUserText: 'Your Salesforce administrator has not allowed you to use this app. Please ask for access.',
    confidence: 'V',
    source: 'HELP',
  },
  {
    id: 'app-blocked',
    where: 'page',
    match: [{ error: 'OAUTH_APP_BLOCKED' }, { description: 'this app is blocked by admin' }],
    class: 'customer_admin',
    title: 'An administrator has blocked the app',
    cause: 'The app was blocked in Setup, under OAuth usage.',
    fix: ['Ask the administrator to unblock it there.'],
    endUserText: 'Your Salesforce administrator has blocked this app. Please ask them to unblock it.',
    confidence: 'M',
    source: 'common knowledge',
  },
  {
    id: 'login-host-restricted',
    where: 'page',
    match: [{ description: 'Restricted Domain' }],
    class: 'config',
    title: 'The org does not allow logins at the generic host',
    cause:
      'The org’s My Domain policy prevents logins at login.salesforce.com or test.salesforce.com; the login history shows "Restricted Domain".',
    fix: [
      'Give the connection the My Domain host as its login host, such as acme.my.salesforce.com or acme--uat.sandbox.my.salesforce.com.',
    ],
    endUserText:
      'Your company logs in to Salesforce at an address of its own. Please start again and enter that address under “My Domain”.',
    confidence: 'V',
    source: 'HELP',
  },
  {
    id: 'login-wrong-environment',
    where: 'page',
    match: [{ description: 'Please check your username and password' }],
    class: 'user',
    title: 'The user name or password is wrong, or the environment is',
    cause: 'Production and Developer Edition users do not exist at test.salesforce.com, and sandbox users not at login.salesforce.com.',
    fix: [
      'Check which integration was used: sandboxes and scratch orgs log in at test.salesforce.com, Developer Edition at login.salesforce.com.',
    ],
    endUserText:
      'Salesforce does not know this user here. Please check the user name, and whether you want to connect a sandbox or your production org.',
    confidence: 'M',
    source: 'common knowledge',
  },
]
