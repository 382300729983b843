import type { Confidence } from './errors/error-row.ts'

export type SalesforceScope = {
  /** In `scope` of OAuth requests. */
  scope: string
  /** In Setup today. */
  label: string
  /** In Setup before, and still in many guides. */
  oldLabel?: string
  /** In `commaSeparatedOauthScopes` and `scopes` of the Metadata API. */
  metadataToken: string
  /** How sure scope, token and label are together: labels are often from memory (`M`). */
  confidence: Confidence
}

/** Enough for API calls that go on while the user is away. */
export const MINIMUM_SCOPES: readonly string[] = ['api', 'refresh_token']

/** Sources: WSDL (@salesforce/types) for the tokens, HELP for the labels. */
export const salesforceScopes: readonly SalesforceScope[] = [
  { scope: 'api', label: 'Manage user data via APIs', oldLabel: 'Access and manage your data', metadataToken: 'Api', confidence: 'V' },
  {
    scope: 'refresh_token',
    label: 'Perform requests at any time',
    oldLabel: 'Perform requests on your behalf at any time',
    metadataToken: 'RefreshToken',
    confidence: 'V',
  },
  {
    scope: 'offline_access',
    label: 'Perform requests at any time',
    oldLabel: 'Perform requests on your behalf at any time',
    metadataToken: 'OfflineAccess',
    confidence: 'V',
  },
  { scope: 'full', label: 'Full access', metadataToken: 'Full', confidence: 'V' },
  { scope: 'id', label: 'Access the identity URL service', metadataToken: 'Basic', confidence: 'M' },
  { scope: 'profile', label: 'Access the identity URL service', metadataToken: 'Profile', confidence: 'M' },
  { scope: 'email', label: 'Access the identity URL service', metadataToken: 'Email', confidence: 'M' },
  { scope: 'address', label: 'Access the identity URL service', metadataToken: 'Address', confidence: 'M' },
  { scope: 'phone', label: 'Access the identity URL service', metadataToken: 'Phone', confidence: 'M' },
  { scope: 'openid', label: 'Access unique user identifiers', metadataToken: 'OpenID', confidence: 'M' },
  { scope: 'web', label: 'Manage user data via Web browsers', metadataToken: 'Web', confidence: 'M' },
  { scope: 'chatter_api', label: 'Access Connect REST API resources', metadataToken: 'Chatter', confidence: 'M' },
  { scope: 'visualforce', label: 'Access Visualforce applications', metadataToken: 'CustomApplications', confidence: 'M' },
  { scope: 'custom_permissions', label: 'Access custom permissions', metadataToken: 'CustomPermissions', confidence: 'M' },
  { scope: 'wave_api', label: 'Access Analytics REST API resources', metadataToken: 'Wave', confidence: 'M' },
  { scope: 'eclair_api', label: 'Access Analytics REST API Charts Geodata resources', metadataToken: 'Eclair', confidence: 'M' },
  { scope: 'pardot_api', label: 'Manage Pardot / Marketing Cloud Account Engagement services', metadataToken: 'Pardot', confidence: 'M' },
  { scope: 'lightning', label: 'Access Lightning applications', metadataToken: 'Lightning', confidence: 'M' },
  { scope: 'content', label: 'Access content resources', metadataToken: 'Content', confidence: 'M' },
  { scope: 'cdp_ingest_api', label: 'Data Cloud: ingestion', metadataToken: 'CDPIngest', confidence: 'M' },
  { scope: 'cdp_profile_api', label: 'Data Cloud: profile', metadataToken: 'CDPProfile', confidence: 'M' },
  { scope: 'cdp_query_api', label: 'Data Cloud: query', metadataToken: 'CDPQuery', confidence: 'M' },
  { scope: 'cdp_segment_api', label: 'Data Cloud: segments', metadataToken: 'CDPSegment', confidence: 'M' },
  {
    scope: 'cdp_identityresolution_api',
    label: 'Data Cloud: identity resolution',
    metadataToken: 'CDPIdentityResolution',
    confidence: 'M',
  },
  { scope: 'cdp_calculated_insight_api', label: 'Data Cloud: calculated insights', metadataToken: 'CDPCalculatedInsight', confidence: 'M' },
  { scope: 'cdp_api', label: 'Data Cloud', metadataToken: 'CDP', confidence: 'M' },
  { scope: 'chatbot_api', label: 'Chatbot services', metadataToken: 'Chatbot', confidence: 'M' },
  // A deploy error of an org lists it as SFApiPlatform, the WSDL as SFAP.
  { scope: 'sfap_api', label: 'Salesforce API Platform', metadataToken: 'SFAP', confidence: '?' },
  { scope: 'einstein_gpt_api', label: 'Einstein generative services', metadataToken: 'EinsteinGPT', confidence: 'M' },
  { scope: 'mcp_api', label: 'MCP servers', metadataToken: 'MCP', confidence: 'M' },
  { scope: 'interaction_api', label: 'Interaction services', metadataToken: 'Interaction', confidence: 'M' },
  { scope: 'scrt_api', label: 'Messaging services (SCRT)', metadataToken: 'SCRT', confidence: 'M' },
  { scope: 'a2a_api', label: 'Agent to agent', metadataToken: 'A2A', confidence: 'M' },
  { scope: 'forgot_password', label: 'Headless forgot password', metadataToken: 'ForgotPassword', confidence: 'M' },
  { scope: 'user_registration_api', label: 'Headless registration', metadataToken: 'UserRegistration', confidence: 'M' },
  { scope: 'pwdless_login_api', label: 'Headless passwordless login', metadataToken: 'PwdlessLogin', confidence: 'M' },
]

export function scopeByName(scope: string): SalesforceScope | undefined {
  return salesforceScopes.find((known) => known.scope === scope)
}

/** Tokens of the Metadata API (WSDL, V) whose OAuth string we do not know; options name them by the token. */
export const scopesKnownByTokenOnly: readonly string[] = ['CmdbDiscovery', 'DataCloudUserClaims', 'SemanticLayer']

/** The scope of a metadata token, in any case; a deploy error of an org spells SFAP `SFApiPlatform` (V-obs). */
export function scopeByMetadataToken(token: string): SalesforceScope | undefined {
  const wanted = token.toLowerCase() === 'sfapiplatform' ? 'sfap' : token.toLowerCase()
  return salesforceScopes.find((known) => known.metadataToken.toLowerCase() === wanted)
}
