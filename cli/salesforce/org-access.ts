/** Which org a command works on, and with whose session: the Salesforce CLI's, or a token from the environment or a hidden question. */
import { normaliseLoginHost, parseInstanceUrl } from '@hawser/salesforce/hosts.ts'
import { secret, type Secret } from '#lib/secret.ts'
import { CommandFailure } from '../output.ts'
import type { World } from './world.ts'

export interface OrgOptions {
  targetOrg?: string
  instanceUrl?: string
  /** Hidden: for the practice org and the fake, which listen on this machine. */
  allowLoopbackOrg?: boolean
}

export interface OrgAccess {
  /** Without a trailing slash. */
  instanceUrl: string
  accessToken: Secret
  /** How the org is called in sentences: the alias, or its host. */
  name: string
  /** Set when the session came from the Salesforce CLI, which can deploy then. */
  alias?: string
}

const LOOPBACK = /^http:\/\/(localhost|127\.0\.0\.1)(:\d{1,5})?\/?$/
const TOKEN_VARIABLE = 'SF_ACCESS_TOKEN'

/** Throws a `CommandFailure` that says what to do. The token never comes from an argument: those are seen by every process of the machine. */
export async function orgAccess(world: World, options: OrgOptions): Promise<OrgAccess> {
  if (options.targetOrg !== undefined && options.instanceUrl !== undefined)
    throw new CommandFailure('Give --target-org or --instance-url, not both.')
  if (options.instanceUrl !== undefined) return byToken(world, options.instanceUrl, options.allowLoopbackOrg === true)
  if (options.targetOrg === undefined)
    throw new CommandFailure(
      `Say which org: --target-org <alias of the Salesforce CLI>, or --instance-url <My Domain> with a token in ${TOKEN_VARIABLE}.`,
    )
  return bySf(world, options.targetOrg, options.allowLoopbackOrg === true)
}

async function bySf(world: World, alias: string, loopback: boolean): Promise<OrgAccess> {
  const sf = await world.sf.findSf(world.env)
  if (sf === undefined)
    throw new CommandFailure(
      [
        'The Salesforce CLI (sf) is not on this machine, so an alias says nothing.',
        '  Do:  Install it from https://developer.salesforce.com/tools/salesforcecli and log in: sf org login web --alias <alias> --instance-url https://test.salesforce.com',
        `  Or:  Go without it: --instance-url <the org's My Domain>, with an access token in ${TOKEN_VARIABLE}.`,
      ].join('\n'),
    )
  const found = await world.sf.orgOf(sf, alias)
  if (!found.ok) throw new CommandFailure(`${found.problem}\n  Do:  ${found.fix}`)
  return { instanceUrl: checkedInstanceUrl(found.org.instanceUrl, loopback), accessToken: found.org.accessToken, name: alias, alias }
}

async function byToken(world: World, address: string, loopback: boolean): Promise<OrgAccess> {
  const instanceUrl = LOOPBACK.test(address) ? checkedInstanceUrl(address, loopback) : instanceUrlOfMyDomain(address)
  const given = world.env[TOKEN_VARIABLE]?.trim()
  const accessToken = given ? given : await world.ask.hidden(`Access token for ${new URL(instanceUrl).host} (not shown): `)
  // Whatever else is typed there would be sent to the org as a header.
  if (!/^[\w.!/+=-]{10,4096}$/.test(accessToken))
    throw new CommandFailure('That is no access token: it has characters that tokens do not have.')
  return { instanceUrl, accessToken: secret(accessToken), name: new URL(instanceUrl).host }
}

function instanceUrlOfMyDomain(address: string): string {
  const host = normaliseLoginHost(address)
  if (!host.ok) throw new CommandFailure(`--instance-url: ${host.reason}`)
  return checkedInstanceUrl(`https://${host.host}`, false)
}

/** Only hosts that may receive tokens; what `sf` stored is checked like anything else. */
function checkedInstanceUrl(url: string, loopback: boolean): string {
  if (loopback && LOOPBACK.test(url)) return url.replace(/\/$/, '')
  const checked = parseInstanceUrl(url)
  if (!checked.ok) throw new CommandFailure(`No token is sent there: ${checked.reason}`)
  return checked.url
}
