/** Scopes as the Metadata API writes them, and as OAuth does. Source: WSDL (@salesforce/types) for the tokens. */
export const scopeTokens: Record<string, string> = {
  A2A: 'a2a_api',
  Address: 'address',
  Api: 'api',
  Basic: 'id',
  CDP: 'cdp_api',
  CDPCalculatedInsight: 'cdp_calculated_insight_api',
  CDPIdentityResolution: 'cdp_identityresolution_api',
  CDPIngest: 'cdp_ingest_api',
  CDPProfile: 'cdp_profile_api',
  CDPQuery: 'cdp_query_api',
  CDPSegment: 'cdp_segment_api',
  Chatbot: 'chatbot_api',
  Chatter: 'chatter_api',
  CmdbDiscovery: 'cmdb_discovery_api',
  Content: 'content',
  CustomApplications: 'visualforce',
  CustomPermissions: 'custom_permissions',
  DataCloudUserClaims: 'data_cloud_user_claims',
  Eclair: 'eclair_api',
  EinsteinGPT: 'einstein_gpt_api',
  Email: 'email',
  ForgotPassword: 'forgot_password',
  Full: 'full',
  Interaction: 'interaction_api',
  Lightning: 'lightning',
  MCP: 'mcp_api',
  OfflineAccess: 'offline_access',
  OpenID: 'openid',
  Pardot: 'pardot_api',
  Phone: 'phone',
  Profile: 'profile',
  PwdlessLogin: 'pwdless_login_api',
  RefreshToken: 'refresh_token',
  SCRT: 'scrt_api',
  SFAP: 'sfap_api',
  SemanticLayer: 'semantic_layer_api',
  UserRegistration: 'user_registration_api',
  Wave: 'wave_api',
  Web: 'web',
}

/** The parts of `Api, RefreshToken`. */
export function commaSeparated(text: unknown): string[] {
  return typeof text === 'string'
    ? text
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== '')
    : []
}
