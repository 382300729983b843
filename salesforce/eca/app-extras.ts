import type { IpRange } from './ip-ranges.ts'

/** What the guide has no field for; mostly comes from Connected Apps. Absent members are not written. */
export type AppExtras = {
  /** PEM; turns the JWT bearer flow on. A deployment without it clears it. */
  certificate?: string
  idTokenAudience?: string
  idTokenAttributes?: boolean
  idTokenCustomPermissions?: boolean
  idTokenStandardClaims?: boolean
  /** 1 to 720, 2 unless given (V). */
  idTokenValidityMinutes?: number
  codeCredentialsPostOnly?: boolean
  introspectAllTokens?: boolean
  secretForTokenExchange?: boolean
  /** JWT access tokens; SOAP refuses those, and orgs on API 64 refuse the element (V-obs). */
  namedUserJwt?: boolean
  dpop?: boolean
  mtls?: boolean
  assetTokenAudiences?: string
  assetTokenAttributes?: boolean
  assetTokenCustomPermissions?: boolean
  assetTokenSigningCertificate?: string
  assetTokenValidity?: number
  clientAssertionCertificate?: string
  singleLogoutUrl?: string
  customScopes?: string[]
  customAttributes?: CustomAttribute[]
  trustedIpRanges?: IpRange[]
  /** User name of the run-as user of the client credentials flow. */
  clientCredentialsUser?: string
  clientCredentialsPolicy?: boolean
  guestCodeCredentialsPolicy?: boolean
  tokenExchangePolicy?: boolean
  policyAction?: 'Block' | 'RaiseSessionLevel' | 'StepUpMFA'
  policySingleLogoutUrl?: string
  policyCustomScopes?: string[]
  policyCustomAttributes?: CustomAttribute[]
  oauthStartUrl?: string
  apexHandler?: string
  executeHandlerAs?: string
  /** Where the app's tile leads; written with `startPage` `Custom`. */
  startUrl?: string
  tlsCertificateField?: string
  tlsCertificateValue?: string
}

export type CustomAttribute = { key: string; formula: string }
