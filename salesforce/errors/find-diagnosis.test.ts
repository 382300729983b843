import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diagnoseAuthorizeError, diagnoseRestError, diagnoseTokenError, isRefreshableRestError } from './find-diagnosis.ts'
import { diagnosePastedText } from './pasted/diagnose-pasted-text.ts'

const json = (errorCode: string, message = 'x') => JSON.stringify([{ message, errorCode }])

describe('diagnoseAuthorizeError', () => {
  it.each([
    ['unsupported_response_type', 'response type not supported', 'response-type-unsupported'],
    ['invalid_client_id', 'client identifier invalid', 'client-id-unknown'],
    ['invalid_request', 'missing required code challenge', 'pkce-challenge-missing'],
    ['invalid_request', 'must use HTTP GET', 'authorize-request-invalid'],
    ['access_denied', 'end-user denied authorization', 'user-denied-access'],
    ['redirect_uri_missing', 'redirect_uri not provided', 'redirect-uri-missing'],
    ['redirect_uri_mismatch', 'redirect_uri must match configuration', 'redirect-uri-mismatch'],
    ['immediate_unsuccessful', 'immediate unsuccessful', 'immediate-unsuccessful'],
    ['invalid_grant', 'invalid user credentials', 'login-credentials-refused'],
    ['invalid_grant', 'IP restricted or invalid login hours', 'login-ip-or-hours-refused'],
    ['inactive_user', 'user is inactive', 'login-user-inactive'],
    ['inactive_org', 'organization is locked, closed, or suspended', 'login-org-inactive'],
    ['rate_limit_exceeded', 'number of logins has been exceeded', 'login-rate-limit'],
    ['invalid_scope', 'requested scope is invalid, unknown, or malformed', 'scope-refused'],
    ['OAUTH_EC_APP_NOT_FOUND', undefined, 'external-app-not-installed'],
    ['OAUTH_AUTHORIZATION_BLOCKED', undefined, 'cross-org-blocked'],
    ['OAUTH_APPROVAL_ERROR_GENERIC', undefined, 'approval-failed'],
    ['invalid_client', 'app must be installed into org', 'app-must-be-installed'],
    ['OAUTH_APP_ACCESS_DENIED', undefined, 'app-access-denied'],
    ['invalid_app_access', 'user is not admin approved to access this app', 'app-access-denied'],
    ['OAUTH_APP_BLOCKED', 'this app is blocked by admin', 'app-blocked'],
  ])('%s (%s) is %s', (error, error_description, id) => {
    expect(diagnoseAuthorizeError({ error, error_description })?.id).toBe(id)
  })

  it('says nothing about what it does not know', () => {
    expect(diagnoseAuthorizeError({ error: 'brand_new' })).toBeUndefined()
    expect(diagnoseAuthorizeError({})).toBeUndefined()
  })
})

describe('diagnoseTokenError', () => {
  it.each([
    ['invalid_grant', 'authentication failure', 'authentication-failure', 'reconnect'],
    ['invalid_grant', 'invalid authorization code', 'code-unknown', 'user'],
    ['invalid_grant', 'expired authorization code', 'code-expired', 'user'],
    ['invalid_grant', 'invalid code verifier', 'pkce-verifier-refused', 'bug'],
    ['invalid_grant', 'unexpected code verifier', 'pkce-verifier-refused', 'bug'],
    ['invalid_grant', 'expired access/refresh token', 'refresh-token-expired', 'reconnect'],
    ['invalid_grant', 'token validity expired', 'refresh-token-lifetime-over', 'reconnect'],
    ['invalid_grant', 'inactive user', 'user-inactive', 'customer_admin'],
    ['invalid_grant', 'inactive organization', 'org-inactive', 'customer_admin'],
    ['inactive_org', undefined, 'org-inactive', 'customer_admin'],
    ['inactive_user', undefined, 'user-inactive', 'customer_admin'],
    ['invalid_grant', 'ip restricted', 'ip-restricted', 'customer_admin'],
    ['invalid_grant', "user hasn't approved this consumer", 'user-has-not-approved', 'customer_admin'],
    ['invalid_grant', 'activation secret invalid', 'refresh-token-unreadable', 'reconnect'],
    ['invalid_grant', 'request not supported on this domain', 'client-credentials-host', 'config'],
    ['invalid_grant', 'no client credentials user enabled', 'client-credentials-user', 'customer_admin'],
    ['invalid_grant', 'token request is already being processed', 'token-request-in-progress', 'transient'],
    ['invalid_grant', 'login rate exceeded', 'grant-login-rate', 'limit'],
    ['invalid_grant', 'a text of next year', 'grant-refused', 'reconnect'],
    ['invalid_grant', undefined, 'grant-refused', 'reconnect'],
    ['invalid_client', 'invalid client credentials', 'client-credentials-refused', 'config'],
    ['invalid_client_id', 'client identifier invalid', 'token-client-id-unknown', 'config'],
    ['redirect_uri_mismatch', 'redirect_uri must match configuration', 'token-redirect-uri-mismatch', 'config'],
    ['unsupported_grant_type', 'grant type not supported', 'grant-type-unsupported', 'bug'],
    ['invalid_app_access', 'user is not admin approved to access this app', 'token-app-access-denied', 'customer_admin'],
    ['rate_limit_exceeded', undefined, 'grant-login-rate', 'limit'],
    ['invalid_scope', undefined, 'token-scope-refused', 'config'],
    ['invalid_request', undefined, 'token-request-invalid', 'bug'],
    ['invalid_assertion_type', undefined, 'token-request-invalid', 'bug'],
    ['unknown_error', 'retry your request', 'token-unknown-error', 'transient'],
    ['server_error', undefined, 'token-server-error', 'transient'],
  ])('400 %s (%s) is %s, %s', (error, error_description, id, errorClass) => {
    expect(diagnoseTokenError({ status: 400, error, error_description })).toMatchObject({ id, class: errorClass })
  })

  it('recognises the page of a deleted org', () => {
    expect(diagnoseTokenError({ status: 404, bodyText: '<html>Data Not Available</html>' })?.id).toBe('org-gone')
    expect(diagnoseTokenError({ status: 200, bodyText: '<title>Site Under Construction</title>' })?.id).toBe('org-gone')
  })

  it('never answers an outage with a row that breaks', () => {
    for (const error of ['invalid_grant', 'invalid_client', 'invalid_client_id']) {
      expect(diagnoseTokenError({ status: 503, error, error_description: 'expired access/refresh token' })?.permanent).not.toBe(true)
    }
    expect(diagnoseTokenError({ status: 502, error: 'invalid_grant' })?.id).toBe('token-server-error')
  })
})

describe('diagnoseRestError', () => {
  it.each([
    [401, json('INVALID_SESSION_ID', 'Session expired or invalid'), 'session-expired'],
    [401, json('INVALID_SESSION_ID', 'This session is not valid for use with the REST API'), 'session-without-api-scope'],
    [401, json('X', 'Connected app is not attached to Agent'), 'app-not-attached-to-agent'],
    [401, '', 'session-expired'],
    [401, '{}', 'unauthorized'],
    [400, json('URL_NOT_RESET', 'Destination URL not reset. The URL returned from login must be set'), 'url-not-reset'],
    [403, json('REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'), 'request-limit-reached'],
    [403, json('REQUEST_LIMIT_EXCEEDED', 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.'), 'concurrent-requests-reached'],
    [403, json('API_DISABLED_FOR_ORG', 'The REST API is not enabled for this Organization.'), 'api-disabled-for-org'],
    [403, json('API_CURRENTLY_DISABLED', 'API is currently disabled'), 'api-disabled-for-user'],
    [403, json('INSUFFICIENT_ACCESS_OR_READONLY'), 'access-insufficient'],
    [403, json('CANNOT_EXECUTE_FLOW_TRIGGER'), 'access-insufficient'],
    [404, json('NOT_FOUND', 'The requested resource does not exist'), 'resource-not-found'],
    [400, json('MALFORMED_QUERY'), 'request-malformed'],
    [400, json('DUPLICATES_DETECTED'), 'record-refused'],
    [400, json('INVALID_QUERY_LOCATOR', 'invalid query locator'), 'query-cursor-expired'],
    [300, '["/services/data/v66.0/sobjects/Account/001"]', 'external-id-not-unique'],
    [410, json('UNSUPPORTED_API_VERSION', 'The requested resource is retired'), 'api-version-retired'],
    [404, json('UNSUPPORTED_API_VERSION'), 'api-version-retired'],
    [414, '', 'uri-too-long'],
    [420, '', 'host-not-routed'],
    [503, json('SERVER_UNAVAILABLE'), 'server-fault'],
    [500, '<html>oops</html>', 'server-fault'],
    [428, '', 'condition-failed'],
    [431, '', 'headers-too-large'],
    [405, '', 'method-or-type-refused'],
  ])('%i %s is %s', (status, body, id) => {
    expect(diagnoseRestError({ status, contentType: 'application/json', body })?.id).toBe(id)
  })

  it('takes the first error that is known, also from a plain object', () => {
    const body = JSON.stringify([
      { errorCode: 'NEWS', message: '?' },
      { errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' },
    ])
    expect(diagnoseRestError({ status: 403, body })?.id).toBe('request-limit-reached')
    expect(diagnoseRestError({ status: 403, body: '{"errorCode":"API_DISABLED_FOR_ORG","message":"x"}' })?.id).toBe('api-disabled-for-org')
  })

  it('does not know every failure', () => {
    expect(diagnoseRestError({ status: 402, body: json('NEWS') })).toBeUndefined()
    expect(diagnoseRestError({ status: 403, body: 'no' })).toBeUndefined()
  })
})

describe('isRefreshableRestError', () => {
  const soap = (code: string) =>
    `<?xml version="1.0"?><soapenv:Envelope><soapenv:Body><soapenv:Fault><faultcode>${code}</faultcode><faultstring>${code}: x</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>`

  it.each([
    [401, json('INVALID_SESSION_ID', 'Session expired or invalid'), 'application/json;charset=UTF-8'],
    [
      401,
      '<Errors><Error><errorCode>INVALID_SESSION_ID</errorCode><message>Session expired or invalid</message></Error></Errors>',
      'application/xml',
    ],
    [401, '', undefined],
    [401, ' \n', 'text/plain'],
    [403, 'Bad_OAuth_Token', 'text/html'],
    [403, 'Bad_OAuth_Token\n', 'text/plain;charset=UTF-8'],
    [500, soap('sf:INVALID_SESSION_ID'), 'text/xml; charset=utf-8'],
    [
      400,
      '<error><exceptionCode>InvalidSessionId</exceptionCode><exceptionMessage>Invalid session id</exceptionMessage></error>',
      'application/xml',
    ],
    [400, '{"exceptionCode":"InvalidSessionId","exceptionMessage":"Invalid session id"}', 'application/json'],
  ])('%i %s: yes', (status, body, contentType) => {
    expect(isRefreshableRestError(status, body, contentType)).toBe(true)
  })

  it.each([
    [401, json('INVALID_SESSION_ID', 'This session is not valid for use with the REST API'), 'application/json'],
    [401, json('INVALID_SESSION_ID', 'Connected app is not attached to Agent'), 'application/json'],
    [401, 'Connected app is not attached to Agent', 'text/plain'],
    [401, json('INVALID_SESSION_ID', 'BlackTab users cannot perform API operations'), 'application/json'],
    [401, json('INVALID_AUTH_HEADER', 'x'), 'application/json'],
    [401, '{"error":"my own Apex says no"}', 'application/json'],
    [403, '', undefined],
    [403, json('REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'), 'application/json'],
    [403, json('API_DISABLED_FOR_ORG'), 'application/json'],
    [403, `<html>${'x'.repeat(600)} Bad_OAuth_Token</html>`, 'text/html'],
    [403, 'Wrong_Org', 'text/html'],
    [401, 'Bad_OAuth_Token', 'text/html'],
    [500, soap('sf:UNKNOWN_EXCEPTION'), 'text/xml'],
    [500, '', undefined],
    [200, json('INVALID_SESSION_ID'), 'application/json'],
    [404, json('INVALID_SESSION_ID'), 'application/json'],
    [400, json('INVALID_FIELD', "No such column 'INVALID_SESSION_ID'"), 'application/json'],
    [500, `<Envelope><faultcode>sf:X</faultcode><faultstring>INVALID_SESSION_ID</faultstring></Envelope>`, 'text/xml'],
  ])('%i %s: no', (status, body, contentType) => {
    expect(isRefreshableRestError(status, body, contentType)).toBe(false)
  })
})

describe('diagnosePastedText', () => {
  it.each([
    [
      'https://acme.my.salesforce.com/setup/secur/RemoteAccessErrorPage.apexp?error=OAUTH_AUTHORIZATION_BLOCKED&error_description=Cross-org+OAuth+flows+are+not+supported+for+this+external+client+app',
      'cross-org-blocked',
    ],
    [
      'https://login.salesforce.com/setup/secur/RemoteAccessErrorPage.apexp?error=invalid_client&error_description=app+must+be+installed+into+org',
      'app-must-be-installed',
    ],
    ['?error=invalid_client&error_description=app%2Bmust%2Bbe%2Binstalled%2Binto%2Borg', 'app-must-be-installed'],
    ['?error=invalid_client&error_description=app%2520must%2520be%2520installed%2520into%2520org', 'app-must-be-installed'],
    ['error=invalid_client_id&error_description=client%20identifier%20invalid', 'client-id-unknown'],
    [
      'I get\n  error=redirect_uri_mismatch&amp;error_description=redirect_uri%2520must%2520match%2520configuration',
      'redirect-uri-mismatch',
    ],
    [
      'https://hooks.example/oauth/callback?state=abc&error=access_denied&error_description=end-user%20denied%20authorization',
      'user-denied-access',
    ],
    [
      'https://hooks.example/callback?error=invalid_request&error_description=missing%20required%20code%20challenge&state=s',
      'pkce-challenge-missing',
    ],
    [
      'We can’t authorize you because of an OAuth error.\nOAUTH_EC_APP_NOT_FOUND : External client app is not installed in this org',
      'external-app-not-installed',
    ],
    ['OAUTH_APPROVAL_ERROR_GENERIC: An unexpected error has occured during authentication. Please try again.', 'approval-failed'],
    ['An unexpected error has occured during   authentication.', 'approval-failed'],
    ['OAUTH_APP_ACCESS_DENIED', 'app-access-denied'],
    ['Login History: Restricted Domain', 'login-host-restricted'],
    [
      "Please check your username and password. If you still can't log in, contact your Salesforce administrator.",
      'login-wrong-environment',
    ],
    ['{"error":"invalid_grant","error_description":"expired access/refresh token"}', 'refresh-token-expired'],
    ['{"error":"invalid_client_id","error_description":"client identifier invalid"}', 'token-client-id-unknown'],
    ['Error: expired access/refresh token at refresh', 'refresh-token-expired'],
    ['[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]', 'session-expired'],
    ['INVALID_SESSION_ID: Session expired or invalid', 'session-expired'],
    ['REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.', 'request-limit-reached'],
  ])('%s', (text, id) => {
    expect(diagnosePastedText(text)?.row.id).toBe(id)
  })

  it.each(['', 'it does not work', 'error', 'https://acme.my.salesforce.com/', 'my_invalid_client_id_variable', 'MY_NOT_FOUND'])(
    'finds nothing in %j',
    (text) => {
      expect(diagnosePastedText(text)).toBeUndefined()
    },
  )

  it('never throws, whatever is pasted', () => {
    const scrap = fc.oneof(
      fc.string(),
      fc.constantFrom('error=', '&error_description=', '%', '%E0%A4', '{"error":"', '[{', '<faultcode>', 'invalid_grant'),
    )
    fc.assert(fc.property(fc.array(scrap, { maxLength: 8 }), (scraps) => void diagnosePastedText(scraps.join(''))))
  })

  it('is quick on long and repetitive text', () => {
    const started = performance.now()
    for (const scrap of ['error=', '<', '%41', '"error":', '[', 'invalid_grant_', ' ']) diagnosePastedText(scrap.repeat(200_000))
    expect(performance.now() - started).toBeLessThan(2000)
  })
})
