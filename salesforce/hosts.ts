/**
 * Which hosts a Salesforce token may be sent to, and what a host says about the org behind it.
 * The list is narrower than the one of @salesforce/core: whole families such as `*.force.com` also carry pages that customers write.
 */

const GENERIC_LOGIN_HOSTS: readonly string[] = ['login.salesforce.com', 'test.salesforce.com']

/** Suffixes of My Domain hosts, per cloud. Each starts with its dot, else `evilmy.salesforce.com` would pass. */
export const MY_DOMAIN_SUFFIXES: readonly string[] = [
  '.my.salesforce.com',
  '.my.salesforce.mil',
  '.my.sfcrmproducts.cn',
  '.my-salesforce.com',
]

const INSTANCE_HOST = /^(na|eu|ap|cs)\d{1,4}\.salesforce\.com$/
const EXPERIENCE_SUFFIX = '.my.site.com'
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

export type HostKind =
  | 'production'
  | 'sandbox'
  | 'developer'
  | 'scratch'
  | 'trailblaze'
  | 'demo'
  | 'free'
  | 'patch'
  | 'legacy-sandbox'
  | 'legacy'
  | 'generic-login'
  | 'generic-test'
  | 'setup'
  | 'lightning'
  | 'experience'
  /** A My Domain host with a partition that is not in our table. */
  | 'other'
  | 'foreign'

/** `myDomain` is the part before `--`, `sandboxName` the part after it; both in lower case. */
export type HostClass = { kind: HostKind; myDomain?: string; sandboxName?: string }

/**
 * True for the exact list of hosts that may receive a code, a client secret or a token. `host` is a bare host name as `URL.hostname`
 * gives it: lower-case ASCII, no port, no trailing dot, no `xn--` label (a look-alike of a customer's My Domain).
 */
export function tokenHostAllowed(host: string): boolean {
  if (!isPlainHostname(host)) return false
  return GENERIC_LOGIN_HOSTS.includes(host) || INSTANCE_HOST.test(host) || MY_DOMAIN_SUFFIXES.some((suffix) => host.endsWith(suffix))
}

/** Experience Cloud sites may be asked for a token by integrations made for them, never by the ordinary ones: site hosts also serve customers' pages. */
export function experienceCloudHostAllowed(host: string): boolean {
  return isPlainHostname(host) && host.endsWith(EXPERIENCE_SUFFIX)
}

export type InstanceUrl = { ok: true; url: string; host: string } | { ok: false; reason: string }

/**
 * Checks the `instance_url` of a token response or an import. `url` comes back without a trailing slash. Login and test hosts are refused:
 * data calls there answer `URL_NOT_RESET`. The text is matched as a whole, so no URL parser's repairs (`\` to `/`, tabs dropped) can change the host.
 */
export function parseInstanceUrl(url: string): InstanceUrl {
  const match = url.length <= 300 ? /^https:\/\/([a-z0-9.-]+)\/?$/i.exec(url) : null
  const host = match?.[1]?.toLowerCase()
  if (host === undefined)
    return { ok: false, reason: 'The instance URL must look like https://acme.my.salesforce.com, without port, user, path or query.' }
  if (!tokenHostAllowed(host)) return { ok: false, reason: 'The instance URL is not on a Salesforce host that may receive a token.' }
  if (GENERIC_LOGIN_HOSTS.includes(host)) {
    return {
      ok: false,
      reason: `${host} is for logging in only. The instance URL is the one of the org, such as https://acme.my.salesforce.com.`,
    }
  }
  return { ok: true, url: `https://${host}`, host }
}

const PARTITIONS: ReadonlyMap<string, HostKind> = new Map([
  ['develop', 'developer'],
  ['scratch', 'scratch'],
  ['trailblaze', 'trailblaze'],
  ['demo', 'demo'],
  ['free', 'free'],
  ['patch', 'patch'],
])

const NON_API_SUFFIXES: readonly (readonly [suffix: string, kind: HostKind])[] = [
  ['.lightning.force.com', 'lightning'],
  ['.lightning.crmforce.mil', 'lightning'],
  ['.lightning.sfcrmapps.cn', 'lightning'],
  ['.my-lightning.com', 'lightning'],
  ['.my.salesforce-setup.com', 'setup'],
  [EXPERIENCE_SUFFIX, 'experience'],
]

/** Says what a host name tells of the org behind it. It describes and never permits: only `tokenHostAllowed` does. */
export function classifyHost(host: string): HostClass {
  const name = host.toLowerCase()
  if (!isPlainHostname(name)) return { kind: 'foreign' }
  if (name === 'login.salesforce.com' || name === 'welcome.salesforce.com') return { kind: 'generic-login' }
  if (name === 'test.salesforce.com') return { kind: 'generic-test' }
  if (INSTANCE_HOST.test(name)) return { kind: name.startsWith('cs') ? 'legacy-sandbox' : 'legacy' }
  for (const suffix of MY_DOMAIN_SUFFIXES) {
    if (name.endsWith(suffix)) return classifyMyDomain(name.slice(0, -suffix.length).split('.'))
  }
  for (const [suffix, kind] of NON_API_SUFFIXES) {
    if (name.endsWith(suffix)) return { kind, ...namesIn(name.slice(0, -suffix.length).split('.')[0] ?? '') }
  }
  return { kind: 'foreign' }
}

function classifyMyDomain([label = '', partition, ...more]: string[]): HostClass {
  const names = namesIn(label)
  if (partition === undefined) {
    // `cs42.my.salesforce.com`: a sandbox instance without a name (oauth facts, host classifier).
    if (/^cs\d{1,4}$/.test(label)) return { kind: 'legacy-sandbox' }
    if (names.sandboxName !== undefined) return { kind: 'legacy-sandbox', ...names }
    return { kind: label.endsWith('-dev-ed') ? 'developer' : 'production', ...names }
  }
  if (more.length > 0) return { kind: 'other', ...names }
  if (partition === 'sandbox') return { kind: 'sandbox', ...names }
  if (/^cs\d{1,4}$/.test(partition)) return { kind: 'legacy-sandbox', ...names }
  if (/^(na|eu|ap)\d{1,4}$/.test(partition)) return { kind: 'legacy', ...names }
  return { kind: PARTITIONS.get(partition) ?? 'other', ...names }
}

function namesIn(label: string): { myDomain: string; sandboxName?: string } {
  const at = label.indexOf('--')
  if (at <= 0 || at + 2 >= label.length) return { myDomain: label }
  return { myDomain: label.slice(0, at), sandboxName: label.slice(at + 2) }
}

/** RFC 1123 name of at least two labels; no `xn--` label, no trailing dot, no address literal (they end in a number). */
export function isPlainHostname(host: string): boolean {
  if (host.length > 253) return false
  const labels = host.split('.')
  if (labels.length < 2 || /^\d+$/.test(labels.at(-1) ?? '')) return false
  return labels.every((label) => LABEL.test(label) && !label.startsWith('xn--'))
}

export type LoginHost = { ok: true; host: string; changedFrom?: string } | { ok: false; reason: string }

const WHAT_TO_TYPE = 'Type your Salesforce My Domain, for example "acme", "acme--uat" for a sandbox, or "acme.my.salesforce.com".'

/** User interface host to login host: the inverse of @salesforce/core's `toLightningDomain`, and Setup's own domain. */
const INTERFACE_SUFFIXES: readonly (readonly [from: string, to: string])[] = [
  ['.lightning.force.com', '.my.salesforce.com'],
  ['.my.salesforce-setup.com', '.my.salesforce.com'],
  ['.lightning.crmforce.mil', '.my.salesforce.mil'],
  ['.lightning.sfcrmapps.cn', '.my.sfcrmproducts.cn'],
  ['.my-lightning.com', '.my-salesforce.com'],
]

const SHORT_NAME = /^([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(\.(?:sandbox|develop|scratch|trailblaze|demo|free|patch))?$/

// Path, query and fragment of a pasted address are dropped, but `@` and `\` are refused even there: parsers disagree on them.
const FULL_ADDRESS = /^https:\/\/([a-z0-9.-]+)(?:\/[!-?A-[\]-~]*)?$/

/**
 * Turns what an end user types or pastes into the host to log in at. Accepts a My Domain name, a sandbox name, a host name or a full `https` address,
 * also of Lightning and Setup pages. An `ok` host always passes `tokenHostAllowed`. `changedFrom` is the input when another host than the typed one is used;
 * `reason` is one or two sentences for the end user and never repeats the input (it could carry markup or a foreign address).
 */
export function normaliseLoginHost(input: string): LoginHost {
  if (input === '') return refuse(WHAT_TO_TYPE)
  if (input.length > 2000) return refuse(`That is too long. ${WHAT_TO_TYPE}`)
  if (!/^[!-~]+$/.test(input)) return refuse(`Use plain letters, digits, dots and hyphens only, without spaces. ${WHAT_TO_TYPE}`)
  const typed = input.toLowerCase()
  const address = FULL_ADDRESS.exec(typed)
  const host = hostFor(address?.[1] ?? typed, address !== null)
  if (typeof host !== 'string') return host
  return host === input ? { ok: true, host } : { ok: true, host, changedFrom: input }
}

function hostFor(name: string, isAddress: boolean): string | LoginHost {
  const short = isAddress ? null : SHORT_NAME.exec(name)
  if (short) return hostOfShortName(short[1] ?? '', short[2] ?? '')
  if (!isPlainHostname(name)) return refuse(WHAT_TO_TYPE)
  if (/^(login|test)\.salesforce\.com$/.test(name)) return name
  const mapped = toLoginHost(name)
  switch (classifyHost(mapped).kind) {
    case 'foreign':
    case 'setup':
    case 'lightning':
      return refuse(`That is not the address of a Salesforce org. ${WHAT_TO_TYPE}`)
    case 'experience':
      return refuse(`That is the address of a Salesforce site, not of the org. ${WHAT_TO_TYPE}`)
    case 'generic-login':
      return refuse('Type "login.salesforce.com", or your My Domain such as "acme.my.salesforce.com".')
  }
  // Instance hosts (`na12.salesforce.com`) pass the token list, but an org no longer logs in there: My Domain is compulsory.
  if (/^[a-z]+\d+\.salesforce\.com$/.test(mapped)) return refuse(`That is the old address of a Salesforce server. ${WHAT_TO_TYPE}`)
  return tokenHostAllowed(mapped) ? mapped : refuse(WHAT_TO_TYPE)
}

function hostOfShortName(label: string, partition: string): string | LoginHost {
  // `2130706433` and `0x7f` are spellings of an IP address, and nobody's My Domain.
  if (/^(\d+|0x[0-9a-f]*)$/.test(label) || label.startsWith('xn--')) return refuse(WHAT_TO_TYPE)
  if (partition === '' && (label === 'login' || label === 'test' || label === 'localhost')) {
    return refuse(`Type "login.salesforce.com" for production, "test.salesforce.com" for a sandbox, or your My Domain such as "acme".`)
  }
  const host = partition === '' && label.includes('--') ? `${label}.sandbox.my.salesforce.com` : `${label}${partition}.my.salesforce.com`
  return tokenHostAllowed(host) ? host : refuse(WHAT_TO_TYPE)
}

function toLoginHost(host: string): string {
  for (const [from, to] of INTERFACE_SUFFIXES) {
    if (host.endsWith(from)) return host.slice(0, -from.length) + to
  }
  return host
}

function refuse(reason: string): LoginHost {
  return { ok: false, reason }
}
