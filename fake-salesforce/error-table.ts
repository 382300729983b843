/**
 * Every error text that the fake says, in one place. `V` verified against a named source, `V-obs` somebody's observation of a live
 * org, `M` commonly known but not verified, `?` unknown: nobody should compare with such a text.
 */
export type Confidence = 'V' | 'V-obs' | 'M' | '?'

export interface OauthError {
  error: string
  description: string
  confidence: Confidence
}

export interface RestError {
  status: number
  errorCode: string
  message: string
  confidence: Confidence
}

/** Errors of authorize, token, revoke. */
export const oauthErrors = {
  unsupportedGrantType: { error: 'unsupported_grant_type', description: 'grant type not supported', confidence: 'V' },
  mustPost: { error: 'invalid_request', description: 'must use HTTP POST', confidence: 'M' },
  mustGet: { error: 'invalid_request', description: 'must use HTTP GET', confidence: 'V' },
  unsupportedResponseType: { error: 'unsupported_response_type', description: 'response type not supported', confidence: 'V' },
  unknownClient: { error: 'invalid_client_id', description: 'client identifier invalid', confidence: 'V' },
  wrongSecret: { error: 'invalid_client', description: 'invalid client credentials', confidence: 'V' },
  redirectMissing: { error: 'redirect_uri_missing', description: 'redirect_uri not provided', confidence: 'V' },
  redirectMismatch: { error: 'redirect_uri_mismatch', description: 'redirect_uri must match configuration', confidence: 'V' },
  challengeMissing: { error: 'invalid_request', description: 'missing required code challenge', confidence: 'V' },
  challengeMethod: { error: 'invalid_request', description: 'invalid code challenge method', confidence: 'M' },
  invalidScope: { error: 'invalid_scope', description: 'the requested scope is not allowed', confidence: 'M' },
  inactiveUserAtLogin: { error: 'inactive_user', description: 'user is inactive', confidence: 'V' },
  inactiveOrgAtLogin: { error: 'inactive_org', description: 'organization is locked, closed, or suspended', confidence: 'V' },
  ipAtLogin: { error: 'invalid_grant', description: 'IP restricted or invalid login hours', confidence: 'V' },
  immediateUnsuccessful: { error: 'immediate_unsuccessful', description: 'immediate unsuccessful', confidence: 'V' },
  denied: { error: 'access_denied', description: 'end-user denied authorization', confidence: 'V' },
  unknownCode: { error: 'invalid_grant', description: 'invalid authorization code', confidence: 'V' },
  expiredCode: { error: 'invalid_grant', description: 'expired authorization code', confidence: 'V' },
  invalidVerifier: { error: 'invalid_grant', description: 'invalid code verifier', confidence: 'V' },
  unexpectedVerifier: { error: 'invalid_grant', description: 'unexpected code verifier', confidence: 'V' },
  expiredToken: { error: 'invalid_grant', description: 'expired access/refresh token', confidence: 'V' },
  validityExpired: { error: 'invalid_grant', description: 'token validity expired', confidence: 'V' },
  inactiveUser: { error: 'invalid_grant', description: 'inactive user', confidence: 'V' },
  inactiveOrg: { error: 'inactive_org', description: 'inactive organization', confidence: 'M' },
  ipRestricted: { error: 'invalid_grant', description: 'ip restricted', confidence: 'V' },
  wrongDomain: { error: 'invalid_grant', description: 'request not supported on this domain', confidence: 'V' },
  noRunAsUser: { error: 'invalid_grant', description: 'no client credentials user enabled', confidence: 'V' },
  clientCredentialsOff: { error: 'invalid_grant', description: 'client credentials flow not enabled', confidence: '?' },
  noValidScopes: { error: 'invalid_grant', description: 'no valid scopes defined', confidence: 'V' },
  invalidAssertion: { error: 'invalid_grant', description: 'invalid assertion', confidence: 'V' },
  invalidAudience: { error: 'invalid_grant', description: 'audience is invalid', confidence: 'V' },
  notApproved: { error: 'invalid_grant', description: "user hasn't approved this consumer", confidence: 'V' },
  noAppAccess: { error: 'invalid_app_access', description: 'user is not admin approved to access this app', confidence: 'V' },
  passwordFlow: { error: 'unsupported_grant_type', description: 'grant type not supported', confidence: '?' },
  unsupportedTokenType: { error: 'unsupported_token_type', description: 'this token type is not supported', confidence: 'V' },
  invalidToken: { error: 'invalid_token', description: 'token is invalid', confidence: 'V' },
} satisfies Record<string, OauthError>

/** Codes of the browser's error page; they never reach the callback. */
export const pageErrors = {
  crossOrg: {
    error: 'OAUTH_AUTHORIZATION_BLOCKED',
    description: 'Cross-org OAuth flows are not supported for this external client app',
    onScreen: 'OAUTH_AUTHORIZATION_BLOCKED',
    confidence: 'V',
  },
  ecaNotFound: {
    error: 'OAUTH_EC_APP_NOT_FOUND',
    description: 'External client app is not installed in this org',
    onScreen: 'OAUTH_EC_APP_NOT_FOUND',
    confidence: 'V',
  },
  notInstalled: {
    error: 'invalid_client',
    description: 'app must be installed into org',
    onScreen: 'OAUTH_APPROVAL_ERROR_GENERIC',
    confidence: 'V',
  },
  accessDenied: {
    error: 'OAUTH_APP_ACCESS_DENIED',
    description: 'user is not admin approved to access this app',
    onScreen: 'OAUTH_APP_ACCESS_DENIED',
    confidence: 'V',
  },
  blocked: { error: 'OAUTH_APP_BLOCKED', description: 'this app is blocked by admin', onScreen: 'OAUTH_APP_BLOCKED', confidence: 'M' },
} satisfies Record<string, OauthError & { onScreen: string }>

export type PageError = (typeof pageErrors)[keyof typeof pageErrors]

/** Errors of the data API. */
export const restErrors = {
  sessionExpired: { status: 401, errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid', confidence: 'V' },
  noApiScope: {
    status: 401,
    errorCode: 'INVALID_SESSION_ID',
    message: 'This session is not valid for use with the REST API',
    confidence: 'V',
  },
  urlNotReset: {
    status: 400,
    errorCode: 'URL_NOT_RESET',
    message: 'Destination URL not reset. The URL returned from login must be set',
    confidence: 'V',
  },
  limitExceeded: { status: 403, errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.', confidence: 'V' },
  apiDisabledForOrg: {
    status: 403,
    errorCode: 'API_DISABLED_FOR_ORG',
    message: 'The REST API is not enabled for this Organization.',
    confidence: 'V',
  },
  apiDisabledForUser: {
    status: 403,
    errorCode: 'API_CURRENTLY_DISABLED',
    message: 'API is currently disabled for this user',
    confidence: 'M',
  },
  notFound: { status: 404, errorCode: 'NOT_FOUND', message: 'The requested resource does not exist', confidence: 'V' },
  deletedRecord: { status: 404, errorCode: 'ENTITY_IS_DELETED', message: 'entity is deleted', confidence: 'M' },
  methodNotAllowed: { status: 405, errorCode: 'METHOD_NOT_ALLOWED', message: 'HTTP Method not allowed.', confidence: 'M' },
  versionRetired: { status: 410, errorCode: 'UNSUPPORTED_API_VERSION', message: 'The requested resource is retired', confidence: 'M' },
  badJson: { status: 400, errorCode: 'JSON_PARSER_ERROR', message: 'The HTTP entity body is required, and must be JSON', confidence: 'M' },
  badLocator: { status: 400, errorCode: 'INVALID_QUERY_LOCATOR', message: 'invalid query locator', confidence: 'M' },
  serverUnavailable: { status: 503, errorCode: 'SERVER_UNAVAILABLE', message: 'Server unavailable', confidence: 'M' },
} satisfies Record<string, RestError>
