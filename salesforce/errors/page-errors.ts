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
      'If the app is new or was just changed, wait up to 30 minutes and try again.',
      'After a sandbox refresh create the app again: the refresh deletes apps that were made in the sandbox.',
      'Last and uncorroborated: a guide blames special characters in the developer’s password. No password is part of this step, so try everything else first.',
    ],
    endUserText: 'This Salesforce connection is not set up correctly yet. Please contact our support.',
    tells: ['client identifier invalid', 'invalid_client_id'],
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
    fix: [
      'Copy the integration’s callback URL into the app’s callback URLs, character for character.',
      'Wait some minutes after the change: it takes 2 to 10, at most 30.',
    ],
    endUserText: 'This Salesforce connection is not set up correctly yet. Please contact our support.',
    tells: ['redirect_uri must match configuration', { text: 'redirect_uri_mismatch', near: ['salesforce'] }],
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
      'If the user logged in to the wrong org: let the user log in at the My Domain host of the org that owns the app.',
      'If the app is a packaged one: let the administrator install the package in the user’s org.',
      'If the org is meant to have an app of its own: create an external client app in it and use its key.',
    ],
    endUserText:
      'The app is not installed in the Salesforce org that you logged in to. Check that it is the right org, or ask your Salesforce administrator.',
    tells: ['OAUTH_EC_APP_NOT_FOUND', 'External client app is not installed in this org'],
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
      'Let the user try again in a private window and log in to the org that owns the app.',
      'Set the connection’s login host to the My Domain host of that org, and keep prompt=login.',
      'If users of several orgs must connect, distribute the app as a package or create one in each org.',
    ],
    endUserText:
      'Your browser is logged in to another Salesforce org. Try again in a private window and log in to the org that you want to connect.',
    tells: ['OAUTH_AUTHORIZATION_BLOCKED', 'Cross-org OAuth flows are not supported for this external client app'],
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
      'Ask the administrator to install the app in Setup under "Connected Apps OAuth Usage".',
      'Or let the administrator give the user the permission "Approve Uninstalled Connected Apps" ("Use Any API Client" where API Access Control is on).',
      'Better for the long run: a local external client app in that org.',
    ],
    endUserText: 'Your Salesforce administrator must install this app before you can connect. Please forward this message to them.',
    tells: ['app must be installed into org'],
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
      'Let the administrator check that the app is installed and not blocked, and that the user may use it.',
      'Compare the callback URL with those of the app.',
    ],
    endUserText: 'Salesforce did not approve the connection. Please send the full address of the error page to our support.',
    tells: [
      'OAUTH_APPROVAL_ERROR_GENERIC',
      'An unexpected error has occured during authentication',
      { text: 'An unexpected error has occurred during authentication', near: ['salesforce', 'oauth_'] },
    ],
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
    fix: [
      'Ask the administrator to assign the app’s permission set or profile to the user.',
      'Or let the administrator set the app’s policy "Permitted Users" to "All users may self-authorize".',
    ],
    endUserText: 'Your Salesforce administrator has not allowed you to use this app. Please ask for access.',
    tells: ['OAUTH_APP_ACCESS_DENIED', 'invalid_app_access', 'user is not admin approved to access this app'],
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
    tells: ['OAUTH_APP_BLOCKED', { text: 'this app is blocked by admin', near: ['oauth', 'salesforce'] }],
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
    tells: [{ text: 'Restricted Domain', near: ['login history', 'salesforce'] }],
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
      'Check which integration was used: sandboxes and scratch orgs log in at test.salesforce.com, production and Developer Edition at login.salesforce.com.',
      'Let the user try again there; a sandbox’s user names end in its name, such as ada@example.com.uat.',
    ],
    endUserText:
      'Salesforce does not know this user here. Please check the user name, and whether you want to connect a sandbox or your production org.',
    tells: [{ text: 'Please check your username and password', near: ['contact your salesforce administrator'] }],
    confidence: 'M',
    source: 'common knowledge',
  },
]
