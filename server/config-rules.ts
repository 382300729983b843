/** Rules between settings: what each alone may be, but not together. */
import { existsSync, realpathSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { reveal } from '#lib/secret.ts'
import type { Config, ConfigSources } from './config.ts'
import type { Values } from './settings.ts'
import { databaseHost } from './setting-values.ts'

/** Each as a sentence that says what to do. `read` holds what was set or has a default, and parsed; rules about the rest are left out. */
export function contradictions(read: Partial<Values>, config: Config, { env, starts = true }: ConfigSources): string[] {
  const rules = [
    ...databaseRules(read, env),
    ...(starts ? startRules(read, config) : []),
    [
      isAscending([read.refreshRequestMs, read.refreshWaitMs, read.refreshLeaseMs]),
      'HAWSER_REFRESH_REQUEST_TIMEOUT < HAWSER_REFRESH_WAIT < HAWSER_REFRESH_LEASE must hold: else a token could be refreshed twice at once',
    ],
    [
      isAscending([read.connectionCallsAtOnce, read.keyCallsAtOnce, read.callsAtOnce]),
      'HAWSER_CONNECTION_CALLS_AT_ONCE < HAWSER_KEY_CALLS_AT_ONCE < HAWSER_CALLS_AT_ONCE must hold: else one tenant could take the places of all',
    ],
    [
      areDifferent([read.port, read.gatewayPort, config.practiceOrg?.port]),
      'HAWSER_PORT, HAWSER_GATEWAY_PORT and HAWSER_PRACTICE_ORG_PORT must differ',
    ],
    [
      new Set([read.oidcIssuer, read.oidcClientId, read.oidcClientSecret].map((one) => one === undefined)).size === 1,
      'HAWSER_OIDC_ISSUER, HAWSER_OIDC_CLIENT_ID and HAWSER_OIDC_CLIENT_SECRET belong together: set all of them, or none',
    ],
    [
      !read.oidcDomains?.length || read.oidcIssuer !== undefined,
      'HAWSER_OIDC_DOMAINS lets people in by single sign-on, which is not set up: set HAWSER_OIDC_ISSUER, too',
    ],
    [
      !read.gatewayHost || !URL.canParse(config.publicUrl) || read.gatewayHost !== new URL(config.publicUrl).hostname,
      'HAWSER_GATEWAY_HOST is the host of HAWSER_PUBLIC_URL, so the API could not be reached: give the gateway a name of its own',
    ],
  ] satisfies [boolean, string][]
  const broken = rules.filter(([holds]) => !holds).map(([, problem]) => problem)
  const workTree = config.dev || !starts || !read.dataDir ? undefined : gitWorkTreeAround(config.dataDir)
  if (workTree) {
    broken.push(
      `HAWSER_DATA_DIR (${config.dataDir}) lies in the git work tree ${workTree}, where keys could be committed: choose a folder outside of it, like /var/lib/hawser-data`,
    )
  }
  return broken
}

function databaseRules(read: Partial<Values>, env: ConfigSources['env']): [boolean, string][] {
  const given = Boolean(env['DATABASE_URL'])
  return [
    [
      !given || Boolean(env['HAWSER_ENCRYPTION_KEY']) || Boolean(env['HAWSER_KMS_KEY']),
      'DATABASE_URL needs HAWSER_ENCRYPTION_KEY (or HAWSER_KMS_KEY); make one with: openssl rand -base64 32, and keep a copy: without it nothing stored can be read',
    ],
    [
      !(read.encryptionKey && read.kmsKey) && !(read.newEncryptionKey && read.newKmsKey),
      'HAWSER_ENCRYPTION_KEY and HAWSER_KMS_KEY are two ways to the one key of the vault (and the HAWSER_NEW_… ones to the next): set one of them',
    ],
    [!read.only || given, '--only needs DATABASE_URL: the embedded database serves one machine, which does both'],
  ]
}

function startRules(read: Partial<Values>, config: Config): [boolean, string][] {
  return [
    [
      !config.dev || !read.databaseUrl || isLoopback(databaseHost(reveal(read.databaseUrl)) ?? ''),
      'DATABASE_URL leads to another machine, which --dev refuses (its keys and callbacks are for trying things): start without --dev',
    ],
    [!read.practiceOrg || config.dev, 'HAWSER_PRACTICE_ORG is true, but the practice org runs with --dev only: remove it'],
  ]
}

/** A path is a unix socket. */
function isLoopback(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function isAscending(numbers: (number | undefined)[]): boolean {
  const known = numbers.filter((number) => number !== undefined)
  return known.every((number, index) => index === 0 || number > (known[index - 1] ?? 0))
}

/** Port 0 is any free one. */
function areDifferent(ports: (number | undefined)[]): boolean {
  const fixed = ports.filter(Boolean)
  return new Set(fixed).size === fixed.length
}

/** Follows links, and looks from the nearest folder that exists already. */
function gitWorkTreeAround(path: string): string | undefined {
  let at = path
  while (!existsSync(at) && at !== dirname(at)) at = dirname(at)
  for (at = realpathSync(at); ; at = dirname(at)) {
    if (existsSync(resolve(at, '.git'))) return at
    if (at === dirname(at)) return undefined
  }
}
