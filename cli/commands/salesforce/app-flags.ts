/** Every field of the guide as an option of the command line, and back into what the generator takes. */
import { Option, type Command } from 'commander'
import { CommandFailure } from '../../output.ts'

export interface AppFlags {
  hardened?: boolean
  partnerMandate?: boolean
  asGuide?: boolean
  name?: string
  apiName?: string
  contactEmail?: string
  contactPhone?: string
  infoUrl?: string
  logoUrl?: string
  iconUrl?: string
  description?: string
  callbackUrl?: string[]
  scope?: string[]
  codeAndCredentials?: boolean
  clientCredentials?: boolean
  device?: boolean
  tokenExchange?: boolean
  pkce?: boolean
  secretForWeb?: boolean
  secretForRefresh?: boolean
  rotation?: boolean
  idleLimit?: boolean
  refreshTokens?: string
  sessionTimeout?: string
  sessionLevel?: string
  ipRelaxation?: string
  permittedUsers?: string
  permissionSet?: string[]
  profile?: string[]
  tokenIpRange?: string[]
  distribution?: string
}

const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value]

/** `--no-x` and `--x` both: what is not given is the preset's to say. */
const SWITCHES: readonly [name: string, about: string][] = [
  ['code-and-credentials', 'Enable Authorization Code and Credentials Flow'],
  ['client-credentials', 'Enable Client Credentials Flow'],
  ['device', 'Enable Device Flow'],
  ['token-exchange', 'Enable Token Exchange Flow'],
  ['pkce', 'Require Proof Key for Code Exchange'],
  ['secret-for-web', 'Require secret for Web Server Flow'],
  ['secret-for-refresh', 'Require secret for Refresh Token Flow'],
  ['rotation', 'Enable Refresh Token Rotation'],
  ['idle-limit', 'end refresh tokens that were not used for 30 days'],
]

export function addAppFlags(command: Command): Command {
  command
    .option('--as-guide', 'preset: the app of the guide (default)')
    .option('--hardened', 'preset: rotation, nothing that is not needed')
    .option('--partner-mandate', "preset: Salesforce's rules for partners; needs --token-ip-range")
    .option('--name <name>', 'External Client App Name: people see it when they are asked to allow access')
    .option('--api-name <name>', 'API Name (default: made from the name)')
    .option('--contact-email <address>', 'Contact Email')
    .option('--contact-phone <number>', 'Contact Phone')
    .option('--info-url <url>', 'Info URL')
    .option('--logo-url <url>', 'Logo Image URL')
    .option('--icon-url <url>', 'Icon URL')
    .option('--description <text>', 'Description')
    .option('--callback-url <url>', "Callback URL, may be given several times (default: the Hawser server's own)", collect)
    .option('--scope <scope>', 'OAuth scope, may be given several times (default: api and refresh_token)', collect)
    .option('--refresh-tokens <policy>', 'infinite, zero, lifetime:90:days or inactivity:30:days')
    .option('--session-timeout <minutes>', 'Session timeout')
    .option('--session-level <level>', 'LOW, STANDARD or HIGH_ASSURANCE')
    .option('--ip-relaxation <policy>', 'Enforce, Bypass, Bypass_2factor or Enforce_RelaxRefresh')
    .option('--permitted-users <policy>', 'AllSelfAuthorized or AdminApprovedPreAuthorized')
    .option('--permission-set <name>', 'admitted by an administrator, may be given several times', collect)
    .option('--profile <name>', 'admitted by an administrator, may be given several times', collect)
    .option('--token-ip-range <start-end>', 'addresses that may refresh tokens, may be given several times', collect)
    .option('--distribution <state>', 'Local or Packaged')
  for (const [name, about] of SWITCHES)
    command.option(`--${name}`, `${about}; or --no-${name}`).addOption(new Option(`--no-${name}`).hideHelp())
  return command
}

export type PresetName = 'as-guide' | 'hardened' | 'partner-mandate'

export function presetOf(flags: AppFlags): PresetName {
  const named = (
    [
      ['as-guide', flags.asGuide],
      ['hardened', flags.hardened],
      ['partner-mandate', flags.partnerMandate],
    ] as const
  ).filter(([, on]) => on)
  if (named.length > 1) throw new CommandFailure(`Choose one preset: ${named.map(([name]) => `--${name}`).join(' or ')}.`)
  return named[0]?.[0] ?? 'as-guide'
}

/** What was given, in the generator's names; it checks the values. */
export function givenOptions(flags: AppFlags): Record<string, unknown> {
  const flows = present({
    codeAndCredentials: flags.codeAndCredentials,
    clientCredentials: flags.clientCredentials,
    device: flags.device,
    tokenExchange: flags.tokenExchange,
  })
  return present({
    label: flags.name,
    apiName: flags.apiName,
    contactEmail: flags.contactEmail,
    contactPhone: flags.contactPhone,
    infoUrl: flags.infoUrl,
    logoUrl: flags.logoUrl,
    iconUrl: flags.iconUrl,
    description: flags.description,
    callbackUrls: flags.callbackUrl,
    scopes: flags.scope?.flatMap((scopes) => scopes.split(/[\s,]+/).filter((scope) => scope !== '')),
    flows: Object.keys(flows).length > 0 ? flows : undefined,
    pkce: flags.pkce,
    secretForWebServerFlow: flags.secretForWeb,
    secretForRefreshFlow: flags.secretForRefresh,
    rotation: flags.rotation,
    idleLimit: flags.idleLimit,
    refreshTokens: flags.refreshTokens === undefined ? undefined : refreshTokensOf(flags.refreshTokens),
    sessionTimeoutMinutes: flags.sessionTimeout === undefined ? undefined : numberOf(flags.sessionTimeout, '--session-timeout'),
    requiredSessionLevel: flags.sessionLevel,
    ipRelaxation: flags.ipRelaxation,
    permittedUsers: flags.permittedUsers,
    permissionSets: flags.permissionSet,
    profiles: flags.profile,
    tokenIpRanges: flags.tokenIpRange?.map(rangeOf),
    distribution: flags.distribution,
  })
}

function present(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

function refreshTokensOf(text: string): Record<string, unknown> {
  const [policy = '', period, unit] = text.split(':')
  return present({ policy, period: period === undefined ? undefined : numberOf(period, '--refresh-tokens'), unit })
}

function rangeOf(text: string): Record<string, string> {
  const [start = '', end = start] = text.split('-').map((part) => part.trim())
  return { start, end }
}

function numberOf(text: string, option: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value)) throw new CommandFailure(`${option}: "${text}" is no whole number.`)
  return value
}
