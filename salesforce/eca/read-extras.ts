import type { AppExtras } from './app-extras.ts'
import type { OptionReader } from './option-reader.ts'

const FLAGS = [
  'idTokenAttributes',
  'idTokenCustomPermissions',
  'idTokenStandardClaims',
  'codeCredentialsPostOnly',
  'introspectAllTokens',
  'secretForTokenExchange',
  'namedUserJwt',
  'dpop',
  'mtls',
  'assetTokenAttributes',
  'assetTokenCustomPermissions',
  'clientCredentialsPolicy',
  'guestCodeCredentialsPolicy',
  'tokenExchangePolicy',
] as const satisfies (keyof AppExtras)[]

const TEXTS = [
  'idTokenAudience',
  'assetTokenAudiences',
  'assetTokenSigningCertificate',
  'singleLogoutUrl',
  'clientCredentialsUser',
  'policySingleLogoutUrl',
  'oauthStartUrl',
  'apexHandler',
  'executeHandlerAs',
  'startUrl',
  'tlsCertificateValue',
] as const satisfies (keyof AppExtras)[]

// TlsClientAuthCertParamType of the WSDL (V).
const TLS_FIELDS = ['subject_dn', 'san_dns', 'san_uri', 'san_ip', 'san_email', 'san_spiffe'].map((name) => `tls_client_auth_${name}`)

const OTHERS: readonly (keyof AppExtras)[] = [
  'certificate',
  'clientAssertionCertificate',
  'idTokenValidityMinutes',
  'assetTokenValidity',
  'customScopes',
  'policyCustomScopes',
  'customAttributes',
  'policyCustomAttributes',
  'trustedIpRanges',
  'policyAction',
  'tlsCertificateField',
]

const KNOWN: readonly string[] = [...FLAGS, ...TEXTS, ...OTHERS]

export function readExtras(reader: OptionReader | undefined): AppExtras | undefined {
  if (!reader) return undefined
  reader.refuseOthersThan(KNOWN)
  const extras: AppExtras = Object.fromEntries(
    Object.entries({
      ...Object.fromEntries(FLAGS.map((field) => [field, reader.flag(field)])),
      ...Object.fromEntries(TEXTS.map((field) => [field, reader.text(field)])),
      certificate: reader.text('certificate', 'lines'),
      clientAssertionCertificate: reader.text('clientAssertionCertificate', 'lines'),
      idTokenValidityMinutes: reader.integer('idTokenValidityMinutes', 1, 720),
      assetTokenValidity: reader.integer('assetTokenValidity', 1, 1_000_000_000),
      customScopes: reader.names('customScopes'),
      policyCustomScopes: reader.names('policyCustomScopes'),
      customAttributes: reader.attributes('customAttributes'),
      policyCustomAttributes: reader.attributes('policyCustomAttributes'),
      trustedIpRanges: reader.ipRanges('trustedIpRanges'),
      policyAction: reader.oneOf('policyAction', ['Block', 'RaiseSessionLevel', 'StepUpMFA']),
      tlsCertificateField: reader.oneOf('tlsCertificateField', TLS_FIELDS),
    }).filter(([, value]) => value !== undefined),
  )
  return Object.keys(extras).length > 0 ? extras : undefined
}
