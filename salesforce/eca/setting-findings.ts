import type { AppContext, AppOptions, OptionFinding } from './app-options.ts'
import { trustedIpRangeFindings } from './ip-range-findings.ts'

/** Address, phone and the URLs that people may open. Lengths are those of the usual field types (M): they warn. */
export function webFindings(options: AppOptions): OptionFinding[] {
  const findings: OptionFinding[] = []
  if (options.contactEmail !== '' && !/^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;".]+$/.test(options.contactEmail)) {
    findings.push(refusal('contactEmail', 'This is not an email address.', 'Give one address, such as integrations@example.com.'))
  }
  if (options.contactPhone !== undefined && !/^[+()\d\s./x-]{3,40}$/i.test(options.contactPhone)) {
    findings.push(
      warning('contactPhone', 'This does not look like a phone number.', 'Use digits, spaces, +, - and brackets; at most 40.', 'M'),
    )
  }
  for (const field of ['infoUrl', 'logoUrl', 'iconUrl'] as const) {
    const url = options[field]
    if (url === undefined) continue
    const protocol = URL.canParse(url) ? new URL(url).protocol : undefined
    if (protocol !== 'https:' && protocol !== 'http:') findings.push(refusal(field, 'This is not a web address.', 'Give it with https://.'))
    else if (protocol === 'http:')
      findings.push(warning(field, 'The address uses http; Setup asks for https where it shows images.', 'Use https.', 'M'))
  }
  for (const [field, longest] of [
    ['label', 80],
    ['contactEmail', 80],
    ['description', 255],
    ['infoUrl', 255],
    ['logoUrl', 255],
    ['iconUrl', 255],
  ] as const) {
    if ((options[field]?.length ?? 0) > longest) {
      findings.push(warning(field, `This is longer than ${longest} characters, which the org may refuse.`, 'Shorten it.', 'M'))
    }
  }
  return findings
}

/** Settings that do not go together, or that end connections. */
export function settingFindings(options: AppOptions, context: AppContext): OptionFinding[] {
  return [...distributionFindings(options, context), ...tokenFindings(options), ...userFindings(options), ...extraFindings(options)]
}

function distributionFindings({ distribution }: AppOptions, { orgKind }: AppContext): OptionFinding[] {
  if (distribution === 'Local') return []
  if (orgKind === 'sandbox' || orgKind === 'scratch') {
    // eca-metadata.md §7: "You can't package ECAs from a scratch org or sandbox." V
    return [
      refusal('distribution', `An app made in a ${orgKind === 'scratch' ? 'scratch org' : 'sandbox'} can only be Local.`, 'Take Local.'),
    ]
  }
  return [
    warning(
      'distribution',
      'A packaged app also needs a managed package made from a Dev Hub.',
      'Take Local unless you publish a package.',
      'M',
    ),
  ]
}

function tokenFindings(options: AppOptions): OptionFinding[] {
  const findings: OptionFinding[] = []
  const refreshes = options.scopes.some((scope) => scope === 'refresh_token' || scope === 'offline_access')
  if (!refreshes)
    findings.push(warning('scopes', 'Without refresh_token a connection ends with its first session.', 'Add refresh_token.', 'M'))
  if (options.refreshTokens?.policy === 'zero') {
    findings.push(
      warning('refreshTokens', 'The policy zero ends refresh tokens at once, and with them the connection.', 'Take infinite.', 'M'),
    )
  }
  if (options.pkce === false) {
    findings.push(
      warning('pkce', 'Some orgs switch PKCE on again after a deployment with false.', 'Leave PKCE on: Hawser always sends it.', 'M'),
    )
  }
  if (options.secretForWebServerFlow === false) {
    findings.push(
      warning('secretForWebServerFlow', 'Without the secret, whoever sees a code may use it if PKCE is off.', 'Leave it on.', 'M'),
    )
  }
  const timeout = options.sessionTimeoutMinutes
  if (timeout !== undefined && (timeout < 15 || timeout > 1440)) {
    findings.push(warning('sessionTimeoutMinutes', 'Sessions in Setup last from 15 minutes to 24 hours.', 'Give 15 to 1440.', 'M'))
  }
  return findings
}

function userFindings({ permittedUsers, permissionSets, profiles }: AppOptions): OptionFinding[] {
  const named = (permissionSets?.length ?? 0) + (profiles?.length ?? 0) > 0
  if (permittedUsers === 'AdminApprovedPreAuthorized' && !named) {
    const fix = 'Name permission sets or profiles, or assign them in Setup after the deployment.'
    return [warning('permittedUsers', 'Only pre-approved users may connect, and none is named.', fix, 'M')]
  }
  if (permittedUsers !== 'AdminApprovedPreAuthorized' && named) {
    return [
      warning(
        'permittedUsers',
        'The permission sets and profiles count only when users are pre-approved.',
        'Take AdminApprovedPreAuthorized.',
        'M',
      ),
    ]
  }
  if ((permissionSets?.length ?? 0) > 0) {
    const reason = 'Salesforce’s documentation asks for ids of permission sets here; names are what other files use.'
    return [warning('permissionSets', reason, 'Look in Setup after the deployment whether they were assigned.', '?')]
  }
  return []
}

function extraFindings({ extras }: AppOptions): OptionFinding[] {
  if (!extras) return []
  const findings = trustedIpRangeFindings(extras.trustedIpRanges ?? [])
  for (const field of ['certificate', 'clientAssertionCertificate', 'assetTokenSigningCertificate'] as const) {
    if (/PRIVATE KEY/i.test(extras[field] ?? '')) {
      findings.push(
        refusal(`extras.${field}`, 'This is a private key.', 'Give the certificate, and treat the key as leaked: make a new pair.'),
      )
    }
  }
  for (const field of ['customAttributes', 'policyCustomAttributes'] as const) {
    const keys = extras[field]?.map(({ key }) => key) ?? []
    if (keys.length > 128) findings.push(refusal(`extras.${field}`, 'There are more than 128 custom attributes.', 'Keep at most 128.'))
    if (new Set(keys).size < keys.length) findings.push(refusal(`extras.${field}`, 'A key stands there twice.', 'Give each key once.'))
  }
  for (const field of ['namedUserJwt', 'dpop', 'mtls'] as const) {
    if (extras[field] === undefined) continue
    findings.push(
      warning(`extras.${field}`, 'Orgs on older releases refuse this element.', 'Leave it out if the deployment fails over it.', '?'),
    )
  }
  return findings
}

function refusal(field: string, reason: string, fix: string): OptionFinding {
  return { field, reason, fix, confidence: 'V' }
}

function warning(field: string, reason: string, fix: string, confidence: 'M' | '?'): OptionFinding {
  return { field, reason, fix, confidence }
}
