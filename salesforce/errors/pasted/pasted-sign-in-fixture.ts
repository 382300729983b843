import type { PastedExample } from './pasted-example-for-tests.ts'

const ERROR_PAGE = 'https://acme--uat.sandbox.my.salesforce.com/setup/secur/RemoteAccessErrorPage.apexp'
const CALLBACK = 'https://app.example.com/oauth/callback'

export const signInExamples: readonly PastedExample[] = [
  [
    'response-type-unsupported',
    'developer',
    'address',
    `${CALLBACK}?error=unsupported_response_type&error_description=response%20type%20not%20supported&state=x1`,
  ],
  [
    'pkce-challenge-missing',
    'developer',
    'address',
    `${CALLBACK}?error=invalid_request&error_description=missing%20required%20code%20challenge&state=Zm9v`,
  ],
  ['pkce-challenge-missing', 'developer', 'page_text', 'The callback just says: missing required code challenge'],
  ['authorize-request-invalid', 'developer', 'address', 'error=invalid_request&error_description=must%20use%20HTTP%20GET'],
  ['user-denied-access', 'end_user', 'address', `${CALLBACK}?error=access_denied&error_description=end-user+denied+authorization&state=7c`],
  ['redirect-uri-missing', 'developer', 'address', 'error=redirect_uri_missing&error_description=redirect_uri%20not%20provided'],
  [
    'immediate-unsuccessful',
    'developer',
    'address',
    'https://app.example.com/cb?error=immediate_unsuccessful&error_description=immediate%20unsuccessful',
  ],
  ['login-credentials-refused', 'end_user', 'address', `${CALLBACK}?error=invalid_grant&error_description=invalid%20user%20credentials`],
  [
    'login-ip-or-hours-refused',
    'customer_admin',
    'address',
    `${CALLBACK}?error=invalid_grant&error_description=IP+restricted+or+invalid+login+hours`,
  ],
  ['login-user-inactive', 'customer_admin', 'address', `${CALLBACK}?error=inactive_user&error_description=user%20is%20inactive`],
  [
    'login-org-inactive',
    'customer_admin',
    'address',
    `${CALLBACK}?error=inactive_org&error_description=organization%20is%20locked%2C%20closed%2C%20or%20suspended`,
  ],
  [
    'login-rate-limit',
    'developer',
    'address',
    `${CALLBACK}?error=rate_limit_exceeded&error_description=number%20of%20logins%20has%20been%20exceeded`,
  ],
  [
    'scope-refused',
    'developer',
    'address',
    `${CALLBACK}?error=invalid_scope&error_description=the%20requested%20scope%20is%20not%20allowed`,
  ],
]

export const pageExamples: readonly PastedExample[] = [
  ['redirect-uri-mismatch', 'developer', 'page_text', 'Salesforce OAuth error: redirect_uri_mismatch'],
  ['redirect-uri-mismatch', 'developer', 'page_text', 'redirect_uri_mismatch'],
  [
    'app-must-be-installed',
    'customer_admin',
    'page_text',
    '<main><code>OAUTH_APPROVAL_ERROR_GENERIC</code><p>app must be installed into org</p></main><div></div>',
  ],
  ['client-id-unknown', 'developer', 'address', 'error=invalid_client_id&error_description=client%20identifier%20invalid'],
  ['client-id-unknown', 'developer', 'address', 'error=invalid_client_id&amp;error_description=client identifier invalid'],
  [
    'client-id-unknown',
    'developer',
    'page_text',
    'We can\u2019t authorize you because of an OAuth error. For more information, contact your Salesforce administrator.\n\nclient identifier invalid',
  ],
  ['client-id-unknown', 'developer', 'page_text', 'hi team, customer gets invalid_client_id after clicking connect, see screenshot'],
  ['client-id-unknown', 'developer', 'page_text', 'invalid_client_id'],
  [
    'redirect-uri-mismatch',
    'developer',
    'address',
    'https://login.salesforce.com/services/oauth2/authorize?error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration',
  ],
  [
    'redirect-uri-mismatch',
    'developer',
    'address',
    'error=redirect_uri_mismatch&error_description=redirect_uri%2520must%2520match%2520configuration',
  ],
  ['redirect-uri-mismatch', 'developer', 'page_text', 'redirect uri must match configuration'],
  [
    'external-app-not-installed',
    'developer',
    'address',
    `${ERROR_PAGE}?error=OAUTH_EC_APP_NOT_FOUND&error_description=External+client+app+is+not+installed+in+this+org`,
  ],
  [
    'external-app-not-installed',
    'developer',
    'page_text',
    'OAuth Error\nOAUTH_EC_APP_NOT_FOUND : External client app is not installed in this org',
  ],
  ['external-app-not-installed', 'developer', 'page_text', 'OAUTH EC APP NOT FOUND'],
  [
    'cross-org-blocked',
    'end_user',
    'address',
    `${ERROR_PAGE}?error=OAUTH_AUTHORIZATION_BLOCKED&amp;error_description=Cross-org%20OAuth%20flows%20are%20not%20supported%20for%20this%20external%20client%20app`,
  ],
  [
    'cross-org-blocked',
    'end_user',
    'page_text',
    '<!DOCTYPE html><html><head><title>OAuth Error</title><style>.x{}</style></head><body><div class="msg"><b>OAUTH_AUTHORIZATION_BLOCKED</b>: Cross-org OAuth flows are<br/>not supported for this external client app</div></body></html>',
  ],
  [
    'cross-org-blocked',
    'end_user',
    'address',
    `> ${ERROR_PAGE.slice(0, 60)}\n> ${ERROR_PAGE.slice(60)}?error=OAUTH_AUTHORI\n> ZATION_BLOCKED&error_description=Cross-org+OAuth+flows+are+not\n> +supported+for+this+external+client+app`,
  ],
  [
    'app-must-be-installed',
    'customer_admin',
    'address',
    'https://login.salesforce.com/setup/secur/RemoteAccessErrorPage.apexp?error=invalid_client&error_description=app+must+be+installed+into+org',
  ],
  [
    'app-must-be-installed',
    'customer_admin',
    'address',
    'https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Facme.my.salesforce.com%2Fsetup%2Fsecur%2FRemoteAccessErrorPage.apexp%3Ferror%3Dinvalid_client%26error_description%3Dapp%2Bmust%2Bbe%2Binstalled%2Binto%2Borg&data=05%7C02',
  ],
  [
    'app-must-be-installed',
    'customer_admin',
    'address',
    'https://acme.my.salesforce.com/?ec=302&startURL=%2Fsetup%2Fsecur%2FRemoteAccessErrorPage.apexp%3Ferror%3Dinvalid_client%26error_description%3Dapp%2520must%2520be%2520installed%2520into%2520org',
  ],
  [
    'approval-failed',
    'customer_admin',
    'page_text',
    'OAUTH_APPROVAL_ERROR_GENERIC : An unexpected error has occured during authentication. Please try again.',
  ],
  ['approval-failed', 'customer_admin', 'address', `${ERROR_PAGE}?error=OAUTH_APPROVAL_ERROR_GENERIC`],
  ['app-access-denied', 'customer_admin', 'page_text', 'OAUTH_APP_ACCESS_DENIED\nuser is not admin approved to access this app'],
  [
    'app-access-denied',
    'customer_admin',
    'address',
    `${CALLBACK}?error=invalid_app_access&error_description=user%20is%20not%20admin%20approved%20to%20access%20this%20app`,
  ],
  ['app-blocked', 'customer_admin', 'page_text', 'OAUTH_APP_BLOCKED : this app is blocked by admin'],
  [
    'login-host-restricted',
    'developer',
    'page_text',
    'Login History\nada@example.com.uat   23/11/2026 14:02   Application   Restricted Domain',
  ],
  [
    'login-wrong-environment',
    'end_user',
    'page_text',
    'Please check your username and password. If you still can\u2019t log in, contact your Salesforce administrator.',
  ],
]
