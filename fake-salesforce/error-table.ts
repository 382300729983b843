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
  /** The fields that are to blame, where the answer lists them. */
  fields?: string[]
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
  outOfBand: { error: 'invalid_request', description: 'out of band not supported', confidence: 'V' },
  // From here on only when a test asks for it (`answerNext`).
  httpsRequired: { error: 'invalid_request', description: 'HTTPS required', confidence: 'V' },
  userCredentials: { error: 'invalid_grant', description: 'invalid user credentials', confidence: 'V' },
  tooManyLogins: { error: 'rate_limit_exceeded', description: 'number of logins has been exceeded', confidence: 'V' },
  authenticationFailure: { error: 'invalid_grant', description: 'authentication failure', confidence: 'V' },
  activationSecret: { error: 'invalid_grant', description: 'activation secret invalid', confidence: 'V' },
  inactiveUserCode: { error: 'inactive_user', description: 'user is inactive', confidence: 'V' },
  invalidAssertionType: { error: 'invalid_assertion_type', description: 'specified assertion type is not supported', confidence: 'M' },
  retryRequest: { error: 'unknown_error', description: 'retry your request', confidence: 'V' },
  serverError: { error: 'server_error', description: 'unexpected error', confidence: 'M' },
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
  /** M: the SOAP API's words. */
  noMetadataPermission: {
    status: 403,
    errorCode: 'INSUFFICIENT_ACCESS',
    message: 'use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions',
    confidence: 'M',
  },
  insufficientAccess: {
    status: 403,
    errorCode: 'INSUFFICIENT_ACCESS',
    message: 'You do not have the level of access necessary to perform the operation you requested.',
    confidence: 'M',
  },
  /** V-obs: that it is said in one of these two ways; the sentence around them is a guess. */
  secretsNotEnabled: {
    status: 403,
    errorCode: 'FUNCTIONALITY_NOT_ENABLED',
    message: 'Access to external client app consumer secrets via REST API is not currently enabled: feature is not enabled',
    confidence: 'V-obs',
  },
  badPart: badRequest('INVALID_ARGUMENT', 'part is key, secret or keyandsecret', '?'),
  badCommand: badRequest('INVALID_ARGUMENT', 'command is rotate', '?'),
  stagedAlready: badRequest('LIMIT_EXCEEDED', 'Only one set of staged credentials is allowed for an OAuth consumer', '?'),
  notStaged: badRequest('INVALID_OPERATION', 'These credentials are not staged any more', '?'),
  badMultipart: badRequest('BAD_REQUEST', 'Multipart message is missing a JSON part with deployOptions or a zip part', '?'),
  rollbackRequired: badRequest('INVALID_OPERATION', 'rollbackOnError must be true when deploying to a production organization', '?'),
  deployDone: badRequest('INVALID_ID_FIELD', 'Deployment already completed', 'M'),
  missingQuery: badRequest('MALFORMED_QUERY', 'A query string has to be specified', 'M'),
  unknownRecordType: badRequest('INVALID_TYPE', 'attributes.type is missing or not supported', '?'),
  badIds: badRequest('INVALID_QUERY_FILTER', 'ids names 1 to 200 records', '?'),
  noSuchRecord: { status: 404, errorCode: 'INVALID_CROSS_REFERENCE_KEY', message: 'invalid cross reference id', confidence: 'M' },
  tooManyRecords: badRequest('EXCEEDED_MAX_SIZE_REQUEST', 'record limit reached. cannot submit more than 200 records', 'M'),
  tooManyParts: badRequest('EXCEEDED_MAX_SIZE_REQUEST', 'The request can have at most 25 subrequests', '?'),
  halted: badRequest('PROCESSING_HALTED', 'The transaction was rolled back since another operation in the same transaction failed.', 'M'),
  rolledBack: badRequest('ALL_OR_NONE_OPERATION_ROLLED_BACK', 'Record rolled back', 'M'),
  // Only when a test asks for it (`answerNext`), down to the bulk errors.
  notAttached: { status: 401, errorCode: 'INVALID_SESSION_ID', message: 'Connected app is not attached to Agent', confidence: 'V' },
  concurrentLimit: {
    status: 403,
    errorCode: 'REQUEST_LIMIT_EXCEEDED',
    message: 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.',
    confidence: 'M',
  },
  readOnly: badRequest('INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id', 'M'),
  cannotWrite: badRequest('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'entity cannot be activated', 'M'),
  validationRule: badRequest('FIELD_CUSTOM_VALIDATION_EXCEPTION', 'The rule of the org says no', 'M'),
  duplicates: badRequest('DUPLICATES_DETECTED', 'Use one of these records?', 'M'),
  malformedId: badRequest('MALFORMED_ID', 'bad id x', 'M'),
  uriTooLong: { status: 414, errorCode: 'URI_TOO_LONG', message: 'URI Too Long', confidence: '?' },
  unknownException: { status: 500, errorCode: 'UNKNOWN_EXCEPTION', message: 'An unexpected error occurred.', confidence: 'M' },
  badGateway: { status: 502, errorCode: 'BAD_GATEWAY', message: 'Bad Gateway', confidence: '?' },
  bulkBadObject: badRequest('INVALIDENTITY', 'object is not supported', '?'),
  bulkBadOperation: badRequest('INVALIDOPERATION', 'operation is not supported', '?'),
  bulkNoQuery: badRequest('INVALIDJOB', 'query is required', '?'),
  bulkNoExternalId: badRequest('INVALIDJOB', 'externalIdFieldName is required for upsert', '?'),
  bulkAlreadyUploaded: badRequest('INVALIDJOBSTATE', 'Data can be uploaded once, to an open job', '?'),
  bulkBadState: badRequest('INVALIDJOBSTATE', 'The job cannot get this state', '?'),
  bulkRunning: badRequest('INVALIDJOBSTATE', 'A job that runs cannot be deleted', '?'),
  bulkNotComplete: badRequest('INVALIDJOBSTATE', 'The results of a job exist when it is complete', '?'),
  bulkBadLocator: badRequest('INVALIDLOCATOR', 'invalid locator', '?'),
  bulkBadSize: badRequest('INVALIDBATCHSIZE', 'maxRecords is a positive number', '?'),
} satisfies Record<string, RestError>

/** Errors of the data API that name what the caller wrote. */
export const namedErrors = {
  noSuchColumn: (field: string, type: string) => badRequest('INVALID_FIELD', `No such column '${field}' on entity '${type}'.`, 'M'),
  noSuchFieldToWrite: (field: string, type: string) =>
    badRequest('INVALID_FIELD', `No such column '${field}' on sobject of type ${type}`, 'M'),
  missingFields: (fields: string[]): RestError => ({
    ...badRequest('REQUIRED_FIELD_MISSING', `Required fields are missing: [${fields.join(', ')}]`, 'M'),
    fields,
  }),
  unsupportedType: (type: string) => badRequest('INVALID_TYPE', `sObject type '${type}' is not supported.`, 'V'),
  notValidated: (id: string) => badRequest('INVALID_ID_FIELD', `no successful validation with the id ${id.slice(0, 18)}`, '?'),
  unexpectedToken: (token: string) => badRequest('MALFORMED_QUERY', `unexpected token: '${token.slice(0, 40)}'`, 'M'),
  unknownFunction: (name: string) => badRequest('MALFORMED_QUERY', `this fake knows no function '${name.slice(0, 40)}'`, '?'),
  endOfQuery: () => badRequest('MALFORMED_QUERY', 'unexpected end of query', '?'),
  notGrouped: () => badRequest('MALFORMED_QUERY', 'Field must be grouped or aggregated', '?'),
  tooDeep: () => badRequest('MALFORMED_QUERY', 'conditions are nested too deeply', '?'),
}

function badRequest(errorCode: string, message: string, confidence: Confidence): RestError {
  return { status: 400, errorCode, message, confidence }
}
