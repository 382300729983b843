/** Every setting of the server: one table, which `docs/configuration.md` is printed from. */
import * as values from './setting-values.ts'

export interface Setting<T> {
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
export const table = {
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
  oidcIssuer: setting({
    env: 'HAWSER_OIDC_ISSUER',
    parse: values.issuer,
    text: 'Single sign-on for the dashboard: the issuer of your OpenID Connect provider, as its discovery document spells it. Register `<public URL>/accounts/sso/callback` there. In a private network it needs `HAWSER_TRUSTED_HOSTS`, too.',
  }),
  oidcClientId: setting({
    env: 'HAWSER_OIDC_CLIENT_ID',
    parse: (text: string) => text,
    text: 'The client id that your provider has given.',
  }),
  oidcClientSecret: setting({
    env: 'HAWSER_OIDC_CLIENT_SECRET',
    parse: values.secretText,
    secret: true,
    text: 'The client secret that belongs to it.',
  }),
  oidcName: setting({
    env: 'HAWSER_OIDC_NAME',
    default: 'Single sign-on',
    parse: (text: string) => text,
    text: 'What the button on the sign-in page says.',
  }),
  oidcDomains: setting({
    env: 'HAWSER_OIDC_DOMAINS',
    default: '',
    parse: values.domains,
    text: 'Whoever signs in there with a verified address of these domains is let in, separated by commas. All others must be invited.',
  }),
  oidcDomainRole: setting({
    env: 'HAWSER_OIDC_DOMAIN_ROLE',
    default: 'viewer',
    parse: values.oneOf('viewer', 'support', 'developer'),
    text: 'What they may do at first, in all environments: `viewer`, `support` or `developer`.',
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
  activityKeepMs: setting({
    env: 'HAWSER_ACTIVITY_KEEP',
    default: '15d',
    parse: values.retention,
    text: 'How long the activity (calls, sign-ins, refreshes, deliveries, changes) is kept, in whole days: `forever`, or a time like `30d`.',
  }),
  activitySuccesses: setting({
    env: 'HAWSER_ACTIVITY_SUCCESSES',
    default: '1',
    parse: values.part,
    text: 'Which part of the proxied calls that went well is recorded in the activity: `1` all, `0.1` a tenth, `0` none. Failures and everything else are recorded always, and the counts of the overview are of all calls.',
  }),
  activityBodies: setting({
    env: 'HAWSER_ACTIVITY_BODIES',
    default: 'on',
    parse: values.flag,
    text: 'Whether the first 2 KiB of JSON answers that tell of an error (400 and above) are kept with the activity, without what looks like a secret: `on` or `off`. Other bodies never are.',
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

export const PRESET_KEY = 'HAWSER_SECRET_KEY_'

/** The rows of the manual, in its order. */
export const settingsTable: readonly Pick<Setting<unknown>, 'env' | 'flag' | 'default' | 'secret' | 'text'>[] = [
  ...Object.values<Setting<unknown>>(table),
  {
    env: `${PRESET_KEY}<ENVIRONMENT>`,
    secret: true,
    text: 'An API key of your own for an environment (`HAWSER_SECRET_KEY_PROD` for `prod`), made if missing: `hws_…` or a UUID version 4.',
  },
]
