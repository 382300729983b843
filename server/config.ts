/** Every setting of the server: one table, which `docs/configuration.md` is printed from. Read once at the start; all mistakes are reported together. */
import { resolve } from 'node:path'
import { nearestName } from '#lib/nearest-name.ts'
import { PRODUCT } from '#lib/product.ts'
import type { Secret } from '#lib/secret.ts'
import { contradictions } from './config-rules.ts'
import * as values from './setting-values.ts'

interface Setting<T> {
  env: string
  /** Command line flag of `hawser start`. */
  flag?: string
  /** As it would be written; none: unset. */
  default?: string
  parse: (text: string) => T
  /** Never shown, not even in the report of a mistake. */
  secret?: true
  /** For the manual. */
  text: string
}

const setting = <T, S extends Setting<T>>(entry: S & Setting<T>): S & Setting<T> => entry

/** Keys are the option names of the command line parser. */
const table = {
  port: setting({
    env: 'HAWSER_PORT',
    flag: '--port <port>',
    default: '3003',
    parse: values.port,
    text: 'Port of the API and the connect page.',
  }),
  gatewayPort: setting({
    env: 'HAWSER_GATEWAY_PORT',
    flag: '--gateway-port <port>',
    default: '3004',
    parse: values.port,
    text: 'Port of the gateway, where stock vendor clients (jsforce, sf and others) use a connection token as if it were the vendor’s.',
  }),
  gatewayHost: setting({
    env: 'HAWSER_GATEWAY_HOST',
    parse: values.hostName,
    text: 'A host name that serves the gateway on the main port too, for platforms that offer a single port.',
  }),
  hosts: setting({
    env: 'HAWSER_HOST',
    default: 'localhost',
    parse: values.listenHosts,
    text: 'Addresses to listen on, separated by commas. `localhost` is both `127.0.0.1` and `::1`; in a container use `0.0.0.0`.',
  }),
  dataDir: setting({
    env: 'HAWSER_DATA_DIR',
    flag: '--data-dir <folder>',
    default: './.hawser',
    parse: (text) => text,
    text: 'Folder of the vault key, the embedded database and the journals. In production it may not lie inside a git work tree.',
  }),
  databaseUrl: setting({
    env: 'DATABASE_URL',
    parse: values.databaseUrl,
    secret: true,
    text: 'A PostgreSQL (15 or newer) of your own, `postgres://user:password@host:5432/database`. Unset: one is started beside the server.',
  }),
  publicUrl: setting({
    env: 'HAWSER_PUBLIC_URL',
    parse: values.publicUrl,
    text: 'The address that browsers and providers use, default `http://localhost:<port>`. `https`, or `http://localhost`. Never taken from a request.',
  }),
  trustedProxies: setting({
    env: 'HAWSER_TRUSTED_PROXIES',
    default: '',
    parse: values.networks,
    text: 'IP addresses and networks whose `X-Forwarded-*` headers count, separated by commas: your load balancer’s.',
  }),
  encryptionKey: setting({
    env: 'HAWSER_ENCRYPTION_KEY',
    parse: values.encryptionKey,
    secret: true,
    text: 'The key of the vault, 32 bytes in base64: `openssl rand -base64 32`. With `DATABASE_URL` it is required, or the next one; else it is made and kept in the data directory. Without it nothing stored can be read: keep a copy.',
  }),
  kmsKey: setting({
    env: 'HAWSER_KMS_KEY',
    parse: values.kmsKey,
    text: 'The key of the vault in AWS KMS, in place of the one above: `aws-kms:` and the ARN of a symmetric key. Needs the package `@aws-sdk/client-kms`, and AWS credentials as every AWS program finds them.',
  }),
  newEncryptionKey: setting({
    env: 'HAWSER_NEW_ENCRYPTION_KEY',
    parse: values.encryptionKey,
    secret: true,
    text: 'For `hawser vault rotate` alone: the key that replaces the present one.',
  }),
  newKmsKey: setting({
    env: 'HAWSER_NEW_KMS_KEY',
    parse: values.kmsKey,
    text: 'For `hawser vault rotate` alone: the key in AWS KMS that replaces the present one.',
  }),
  trustedHosts: setting({
    env: 'HAWSER_TRUSTED_HOSTS',
    default: '',
    parse: values.hostPorts,
    text: 'Hosts in private networks that calls may reach, as exact `host:port` pairs separated by commas. Without a port: 443 and 80. All other calls go to public addresses, ports 80, 443 and 8443.',
  }),
  providerPaths: setting({
    env: 'HAWSER_PROVIDERS',
    default: '',
    parse: values.commaList,
    text: 'Files and folders with provider definitions of your own, separated by commas.',
  }),
  alertUrl: setting({
    env: 'HAWSER_ALERT_URL',
    parse: values.alertUrl,
    secret: true,
    text: 'Where people are told of broken connections, refreshed sandboxes and lost webhooks, at most once a minute: an incoming webhook of Slack, or anything that takes `{"text": "…"}` by POST.',
  }),
  maxStaleMs: setting({
    env: 'HAWSER_MAX_STALE',
    default: '15m',
    parse: values.durationUpTo('24h'),
    text: 'How long calls are served from memory while the database is away. A revoked key may work for as long.',
  }),
  logLevel: setting({
    env: 'HAWSER_LOG_LEVEL',
    default: 'info',
    parse: values.oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    text: 'What is logged: `fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`.',
  }),
  refreshRequestMs: setting({
    env: 'HAWSER_REFRESH_REQUEST_TIMEOUT',
    default: '40s',
    parse: values.durationUpTo('10m'),
    text: 'How long a provider’s token endpoint may take. Shorter than the wait below.',
  }),
  refreshWaitMs: setting({
    env: 'HAWSER_REFRESH_WAIT',
    default: '45s',
    parse: values.durationUpTo('10m'),
    text: 'How long a call waits for a refresh that another node makes. Shorter than the lease below.',
  }),
  refreshLeaseMs: setting({
    env: 'HAWSER_REFRESH_LEASE',
    default: '50s',
    parse: values.durationUpTo('10m'),
    text: 'How long a node that refreshes keeps others from it, should it die meanwhile.',
  }),
  refreshesAtOnce: setting({
    env: 'HAWSER_REFRESHES_AT_ONCE',
    default: '20',
    parse: values.countUpTo(10_000),
    text: 'How many token requests to one host may be under way, per process. Others wait in line, no longer than their callers do.',
  }),
  refreshesPerSecond: setting({
    env: 'HAWSER_REFRESHES_PER_SECOND',
    default: '100',
    parse: values.countUpTo(100_000),
    text: 'How many token requests to one provider may begin within a second, per process.',
  }),
  vaultEpoch: setting({
    env: 'HAWSER_VAULT_EPOCH',
    parse: values.uuid,
    text: 'The epoch of the vault that this server belongs to, as `hawser vault epoch` prints it: for servers whose data directory does not last. A database of another epoch, or a restored copy, is then served without refreshing anything.',
  }),
  proxyDeadlineMs: setting({
    env: 'HAWSER_PROXY_TIMEOUT',
    default: '60s',
    parse: values.durationUpTo('1h'),
    text: 'How long a provider may take until its answer begins.',
  }),
  bodyLimit: setting({
    env: 'HAWSER_BODY_LIMIT',
    default: '1mb',
    parse: values.size,
    text: 'Largest body of a request to the API itself. Bodies of proxied calls are streamed and have no limit here.',
  }),
  apiCallsPerMinute: setting({
    env: 'HAWSER_API_CALLS_PER_MINUTE',
    default: '12000',
    parse: values.countUpTo(100_000_000),
    text: 'How many calls of the API (not the proxy) each key may make in a minute. Per process, like the limits below; beyond them calls get 429 with `Retry-After`.',
  }),
  sessionCallsPerMinute: setting({
    env: 'HAWSER_SESSION_CALLS_PER_MINUTE',
    default: '300',
    parse: values.countUpTo(100_000_000),
    text: 'How many calls each connect session may make in a minute.',
  }),
  browserCallsPerMinute: setting({
    env: 'HAWSER_BROWSER_CALLS_PER_MINUTE',
    default: '3000',
    parse: values.countUpTo(100_000_000),
    text: 'How many pages and redirects of the sign-in each address may open in a minute. Behind a load balancer set `HAWSER_TRUSTED_PROXIES`, else all people share one address.',
  }),
  connectionCallsAtOnce: setting({
    env: 'HAWSER_CONNECTION_CALLS_AT_ONCE',
    default: '4000',
    parse: values.countUpTo(1_000_000),
    text: 'How many proxied calls of one connection may be under way.',
  }),
  keyCallsAtOnce: setting({
    env: 'HAWSER_KEY_CALLS_AT_ONCE',
    default: '10000',
    parse: values.countUpTo(1_000_000),
    text: 'How many proxied calls of one API key may be under way.',
  }),
  callsAtOnce: setting({
    env: 'HAWSER_CALLS_AT_ONCE',
    default: '20000',
    parse: values.countUpTo(1_000_000),
    text: 'How many proxied calls may be under way in all; beyond them 503 with `Retry-After`. More than one key may have.',
  }),
  auditJournal: setting({
    env: 'HAWSER_AUDIT_JOURNAL',
    default: '256mb',
    parse: values.diskSize,
    text: 'How much of the data directory the uses of credentials may fill while the database is away. Then proxied calls get 503.',
  }),
  auditKeepMs: setting({
    env: 'HAWSER_AUDIT_KEEP',
    default: 'forever',
    parse: values.retention,
    text: 'How long rows of the audit trail are kept, a day at least: `forever`, or a time like `400d`. What is left stays verifiable.',
  }),
  drainMs: setting({
    env: 'HAWSER_DRAIN_TIME',
    default: '8s',
    parse: values.durationUpTo('8s'),
    text: 'How long requests may finish after SIGTERM. Container platforms kill after 10 s.',
  }),
  only: setting({
    env: 'HAWSER_ONLY',
    flag: '--only <role>',
    parse: values.oneOf('api', 'worker'),
    text: '`api`: serve requests and leave jobs to others; `worker`: the reverse. Both by default. Needs `DATABASE_URL`.',
  }),
  practiceOrg: setting({
    env: 'HAWSER_PRACTICE_ORG',
    flag: '--no-practice-org',
    parse: values.flag,
    text: 'With `--dev`: whether the practice org (a Salesforce look-alike for trying things) runs too. Default `true`; without `--dev` it never runs.',
  }),
  practiceOrgPort: setting({
    env: 'HAWSER_PRACTICE_ORG_PORT',
    default: '3005',
    parse: values.portOrAny,
    text: 'Port of the practice org.',
  }),
} satisfies Record<string, Setting<unknown>>

type Table = typeof table
type ValueOf<S> = S extends { parse: (text: string) => infer T } ? (S extends { default: string } ? T : T | undefined) : never
export type Values = { [K in keyof Table]: ValueOf<Table[K]> }

const PRESET_KEY = 'HAWSER_SECRET_KEY_'

/** The rows of the manual, in its order. */
export const settingsTable: readonly Pick<Setting<unknown>, 'env' | 'flag' | 'default' | 'secret' | 'text'>[] = [
  ...Object.values<Setting<unknown>>(table),
  {
    env: `${PRESET_KEY}<ENVIRONMENT>`,
    secret: true,
    text: 'An API key of your own for an environment (`HAWSER_SECRET_KEY_PROD` for `prod`), made if missing: `hws_…` or a UUID version 4.',
  },
]

/** Times in ms, paths absolute, sizes in bytes. */
export interface Config extends Readonly<Omit<Values, 'only' | 'practiceOrg' | 'practiceOrgPort' | 'publicUrl'>> {
  readonly dev: boolean
  /** Origin without a final slash. */
  readonly publicUrl: string
  readonly roles: { readonly api: boolean; readonly worker: boolean }
  /** Undefined: does not run. */
  readonly practiceOrg: { readonly port: number } | undefined
  /** API keys that must exist, by name of environment. */
  readonly presetKeys: ReadonlyMap<string, Secret>
}

export interface ConfigSources {
  /** `process.env`; an empty text counts as unset, as container files leave it. */
  env: Record<string, string | undefined>
  /** Options of the command line by key of the table (`gatewayPort`, `dataDir`); they win over the environment. */
  flags?: Record<string, string | boolean | undefined>
  /** `hawser start --dev`. */
  dev: boolean
  /** False for commands beside a server: rules about how one may be started do not concern them. */
  starts?: boolean
  /** What relative paths begin at. */
  cwd: string
}

/** Reads all settings. Each problem is a sentence that names the setting and says what to do; no problem shows a secret. */
export function readConfig(sources: ConfigSources): { ok: true; config: Config } | { ok: false; problems: string[] } {
  const problems: string[] = []
  const read = readTable(sources, problems)
  const presetKeys = readPresetKeys(sources.env, problems)
  reportUnknown(sources.env, problems)
  // With a problem on board the values that could not be read are missing; such a config is used for the remaining rules only.
  const config = assemble(read as Values, presetKeys, sources)
  problems.push(...contradictions(read, config, sources))
  return problems.length > 0 ? { ok: false, problems } : { ok: true, config: Object.freeze(config) }
}

/** What could be read; a setting with a mistake is missing. */
function readTable({ env, flags = {} }: ConfigSources, problems: string[]): Partial<Values> {
  const read: Record<string, unknown> = {}
  for (const [key, entry] of Object.entries<Setting<unknown>>(table)) {
    // The parser of a command line says true for a `--no-…` that was not given.
    const given = flags[key] === true ? undefined : flags[key]
    const name = given === undefined ? entry.env : (entry.flag?.split(' ')[0] ?? entry.env)
    const text = given === undefined ? env[entry.env] || entry.default : String(given)
    if (text === undefined) continue
    const value = parseOrReport(entry.parse, text, entry.secret ? name : `${name} is "${text}", but it`, problems)
    if (value !== undefined) read[key] = value
  }
  return read
}

function parseOrReport<T>(parse: (text: string) => T, text: string, subject: string, problems: string[]): T | undefined {
  try {
    return parse(text.trim())
  } catch (error) {
    if (!(error instanceof values.BadValue)) throw error
    problems.push(`${subject} ${error.message}`)
    return undefined
  }
}

function readPresetKeys(env: ConfigSources['env'], problems: string[]): Map<string, Secret> {
  const keys = new Map<string, Secret>()
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(PRESET_KEY) || !text) continue
    const environment = name.slice(PRESET_KEY.length).toLowerCase()
    if (!/^[a-z0-9_-]{1,255}$/.test(environment)) problems.push(`${name} names no environment: write for example ${PRESET_KEY}PROD`)
    const key = parseOrReport(values.presetKey, text, name, problems)
    if (key) keys.set(environment, key)
  }
  return keys
}

/** Read by the command line and the SDK; whoever has them in the shell may start a server in it. */
const CLIENT_NAMES = ['HAWSER_API_KEY', 'HAWSER_HOST_URL', 'HAWSER_WEBHOOK_KEY']

/** A mistyped name would otherwise be a setting that silently does nothing. `HAWSER_TEST_…` belongs to the tests. */
function reportUnknown(env: ConfigSources['env'], problems: string[]): void {
  const known = Object.values<Setting<unknown>>(table).map((entry) => entry.env)
  for (const name of Object.keys(env)) {
    if (!name.startsWith('HAWSER_') || name.startsWith(PRESET_KEY) || name.startsWith('HAWSER_TEST_')) continue
    if (known.includes(name) || CLIENT_NAMES.includes(name)) continue
    const nearest = nearestName(name, [...known, `${PRESET_KEY}PROD`])
    problems.push(`${name} is not a setting of ${PRODUCT}${nearest ? `: did you mean ${nearest}?` : '; remove it'}`)
  }
}

function assemble(
  { only, practiceOrg, practiceOrgPort, ...read }: Values,
  presetKeys: Map<string, Secret>,
  { dev, cwd }: ConfigSources,
): Config {
  return {
    ...read,
    // Settings without a default are keys of the object all the same.
    gatewayHost: read.gatewayHost,
    databaseUrl: read.databaseUrl,
    alertUrl: read.alertUrl,
    encryptionKey: read.encryptionKey,
    kmsKey: read.kmsKey,
    newEncryptionKey: read.newEncryptionKey,
    newKmsKey: read.newKmsKey,
    dev,
    dataDir: resolve(cwd, read.dataDir ?? ''),
    providerPaths: (read.providerPaths ?? []).map((path) => resolve(cwd, path)),
    publicUrl: read.publicUrl ?? `http://localhost:${read.port}`,
    roles: { api: only !== 'worker', worker: only !== 'api' },
    practiceOrg: dev && practiceOrg !== false ? { port: practiceOrgPort } : undefined,
    presetKeys,
  }
}
