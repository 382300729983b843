import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, expectTypeOf, it } from 'vitest'
import { readConfig, type Config, type ConfigSources } from '#config.ts'
import { settingsTable } from './settings.ts'
import { reveal } from '#lib/secret.ts'

const CWD = mkdtempSync(join(tmpdir(), 'config-'))
afterAll(() => rmSync(CWD, { recursive: true }))

const KEY = Buffer.alloc(32, 7).toString('base64')
const read = (env: Record<string, string> = {}, more: Partial<ConfigSources> = {}) => readConfig({ env, dev: false, cwd: CWD, ...more })

function config(env?: Record<string, string>, more?: Partial<ConfigSources>): Config {
  const result = read(env, more)
  if (!result.ok) throw new Error(result.problems.join('\n'))
  return result.config
}

function problems(env: Record<string, string>, more?: Partial<ConfigSources>): string[] {
  const result = read(env, more)
  return result.ok ? [] : result.problems
}

describe('readConfig with nothing set', () => {
  it('has a value for everything that has a default', () => {
    expect(config()).toEqual({
      dev: false,
      port: 3003,
      gatewayPort: 3004,
      gatewayHost: undefined,
      hosts: ['127.0.0.1', '::1'],
      dataDir: join(CWD, '.hawser'),
      databaseUrl: undefined,
      alertUrl: undefined,
      publicUrl: 'http://localhost:3003',
      trustedProxies: [],
      encryptionKey: undefined,
      kmsKey: undefined,
      newEncryptionKey: undefined,
      newKmsKey: undefined,
      trustedHosts: [],
      providerPaths: [],
      maxStaleMs: 900_000,
      logLevel: 'info',
      refreshRequestMs: 40_000,
      refreshWaitMs: 45_000,
      refreshLeaseMs: 50_000,
      refreshesAtOnce: 20,
      refreshesPerSecond: 100,
      vaultEpoch: undefined,
      proxyDeadlineMs: 60_000,
      bodyLimit: 1_048_576,
      oidcIssuer: undefined,
      oidcClientId: undefined,
      oidcClientSecret: undefined,
      oidcName: 'Single sign-on',
      oidcDomains: [],
      oidcDomainRole: 'viewer',
      auditJournal: 268_435_456,
      auditKeepMs: Infinity,
      activityKeepMs: 15 * 86_400_000,
      activitySuccesses: 1,
      activityBodies: true,
      apiCallsPerMinute: 12_000,
      sessionCallsPerMinute: 300,
      browserCallsPerMinute: 3_000,
      connectionCallsAtOnce: 4_000,
      keyCallsAtOnce: 10_000,
      callsAtOnce: 20_000,
      drainMs: 8_000,
      roles: { api: true, worker: true },
      practiceOrg: undefined,
      presetKeys: new Map(),
    } satisfies Config)
    expectTypeOf<Config['port']>().toEqualTypeOf<number>()
    expectTypeOf<Config['gatewayHost']>().toEqualTypeOf<string | undefined>()
  })

  it('is frozen', () => {
    expect(() => Object.assign(config(), { port: 1 })).toThrow(TypeError)
  })

  it('counts an empty text as not set, as container files leave it', () => {
    expect(config({ HAWSER_PORT: '', DATABASE_URL: '', HAWSER_SECRET_KEY_PROD: '' })).toEqual(config())
  })
})

describe('readConfig', () => {
  it('reads every form', () => {
    const read = config({
      HAWSER_HOST: '0.0.0.0, ::',
      HAWSER_GATEWAY_HOST: 'Gateway.Example.com',
      HAWSER_PUBLIC_URL: 'https://hawser.example.com/',
      HAWSER_TRUSTED_PROXIES: '10.0.0.0/8, ::1,192.168.1.1',
      HAWSER_TRUSTED_HOSTS: 'erp.internal,10.1.2.3:8080,[fd00::1]:80',
      HAWSER_PROVIDERS: 'mine.yaml, /etc/hawser',
      HAWSER_MAX_STALE: '1.5m',
      HAWSER_BODY_LIMIT: '512kb',
      HAWSER_SECRET_KEY_PROD: '3F2504E0-4f89-41d3-9a0c-0305e82c3301',
      HAWSER_SECRET_KEY_DEV: `hws_my_env_${'a'.repeat(43)}`,
    })
    expect(read).toMatchObject({
      hosts: ['0.0.0.0', '::'],
      gatewayHost: 'gateway.example.com',
      publicUrl: 'https://hawser.example.com',
      trustedProxies: ['10.0.0.0/8', '::1', '192.168.1.1'],
      trustedHosts: [
        { host: 'erp.internal', port: 443 },
        { host: 'erp.internal', port: 80 },
        { host: '10.1.2.3', port: 8080 },
        { host: 'fd00::1', port: 80 },
      ],
      providerPaths: [join(CWD, 'mine.yaml'), '/etc/hawser'],
      maxStaleMs: 90_000,
      bodyLimit: 524_288,
    })
    expect([...read.presetKeys.keys()]).toEqual(['prod', 'dev'])
    expect(reveal(read.presetKeys.get('prod')!)).toBe('3F2504E0-4f89-41d3-9a0c-0305e82c3301')
  })

  it('lets the command line win', () => {
    const env = { HAWSER_PORT: '1000', HAWSER_DATA_DIR: '/nowhere' }
    expect(config(env, { flags: { port: '2000', dataDir: 'here', practiceOrg: true } })).toMatchObject({
      port: 2000,
      dataDir: join(CWD, 'here'),
      publicUrl: 'http://localhost:2000',
    })
    expect(problems(env, { flags: { port: 'x' } })).toEqual(['--port is "x", but it must be a port, 1 to 65535'])
  })

  it('runs the practice org with --dev alone, unless it is switched off', () => {
    expect(config({}, { dev: true }).practiceOrg).toEqual({ port: 3005 })
    expect(config({}, { dev: true, flags: { practiceOrg: false } }).practiceOrg).toBeUndefined()
    expect(config({ HAWSER_PRACTICE_ORG: 'off' }, { dev: true }).practiceOrg).toBeUndefined()
    expect(config({ HAWSER_PRACTICE_ORG: 'false' }).practiceOrg).toBeUndefined()
  })

  it.each([
    ['api', { api: true, worker: false }],
    ['worker', { api: false, worker: true }],
  ])('reads --only %s', (only, roles) => {
    expect(config({ DATABASE_URL: 'postgres://db.example/h', HAWSER_ENCRYPTION_KEY: KEY }, { flags: { only } }).roles).toEqual(roles)
  })

  it.each([
    'postgres://127.0.0.1/h',
    'postgresql://u:p@localhost:5433/h',
    'postgres://[::1]/h',
    'postgres://u@localhost/h?host=/run/postgresql',
  ])('takes the local database %s with --dev', (url) => {
    const env = { DATABASE_URL: url, HAWSER_ENCRYPTION_KEY: KEY }
    expect(reveal(config(env, { dev: true }).databaseUrl!)).toBe(url)
  })
})

describe('readConfig refuses', () => {
  it.each<[string, Record<string, string>, RegExp]>([
    ['a port that is none', { HAWSER_PORT: '65536' }, /HAWSER_PORT is "65536", but it must be a port/],
    ['a port that nobody could be told', { HAWSER_PORT: '0' }, /HAWSER_PORT is "0", but it must be a port, 1 to 65535/],
    ['a port with a sign', { HAWSER_GATEWAY_PORT: '-1' }, /HAWSER_GATEWAY_PORT/],
    ['two servers on a port', { HAWSER_PORT: '4000', HAWSER_GATEWAY_PORT: '4000' }, /must differ/],
    ['a listen address by name', { HAWSER_HOST: 'example.com' }, /HAWSER_HOST.*IP addresses/],
    ['a gateway host with a scheme', { HAWSER_GATEWAY_HOST: 'https://g.example.com' }, /HAWSER_GATEWAY_HOST.*host name/],
    ['a public address over plain http', { HAWSER_PUBLIC_URL: 'http://hawser.example.com' }, /HAWSER_PUBLIC_URL.*https:\/\//],
    ['a public address that only looks local', { HAWSER_PUBLIC_URL: 'http://localhost.example.com' }, /https:\/\//],
    [
      'a loopback number, saying what to write',
      { HAWSER_PUBLIC_URL: 'http://127.0.0.1:3003' },
      /Salesforce refuses.*write http:\/\/localhost:3003/,
    ],
    ['a loopback number in disguise', { HAWSER_PUBLIC_URL: 'http://2130706433:3003' }, /write http:\/\/localhost:3003/],
    ['an alert address of another scheme', { HAWSER_ALERT_URL: 'slack://hunter2' }, /^HAWSER_ALERT_URL must be an http\(s\) address/],
    ['an alert address with a user', { HAWSER_ALERT_URL: 'https://u:hunter2@hooks.example.com/' }, /^HAWSER_ALERT_URL must be/],
    ['the loopback of IPv6', { HAWSER_PUBLIC_URL: 'https://[::1]' }, /write https:\/\/localhost$/],
    ['a public address with a path', { HAWSER_PUBLIC_URL: 'https://example.com/hawser' }, /no path/],
    ['a public address with a user', { HAWSER_PUBLIC_URL: 'https://u@example.com' }, /no user/],
    ['a public address of another scheme', { HAWSER_PUBLIC_URL: 'javascript:alert(1)' }, /must be an address/],
    ['a proxy by name', { HAWSER_TRUSTED_PROXIES: '10.0.0.1,balancer' }, /"balancer" is neither/],
    ['a network with too many bits', { HAWSER_TRUSTED_PROXIES: '10.0.0.0/33' }, /"10.0.0.0\/33" is neither/],
    ['a trusted host with a wildcard', { HAWSER_TRUSTED_HOSTS: '*.internal' }, /"\*\.internal" is not one/],
    ['a trusted host with a scheme', { HAWSER_TRUSTED_HOSTS: 'http://erp' }, /is not one/],
    ['a trusted host on port 0', { HAWSER_TRUSTED_HOSTS: 'erp:0' }, /is not one/],
    ['a time without a unit', { HAWSER_MAX_STALE: '900' }, /HAWSER_MAX_STALE is "900", but it must be a time like/],
    ['no time at all', { HAWSER_PROXY_TIMEOUT: '0s' }, /HAWSER_PROXY_TIMEOUT/],
    ['draining for longer than platforms wait', { HAWSER_DRAIN_TIME: '9s' }, /8s at most/],
    ['a body that memory could not hold', { HAWSER_BODY_LIMIT: '1000mb' }, /1kb to 64mb/],
    ['an unknown level', { HAWSER_LOG_LEVEL: 'verbose' }, /must be one of fatal, error/],
    ['a wait shorter than the request', { HAWSER_REFRESH_WAIT: '40s' }, /refreshed twice/],
    ['a lease shorter than the wait', { HAWSER_REFRESH_LEASE: '44s' }, /refreshed twice/],
    [
      'a database of another kind',
      { DATABASE_URL: 'mysql://db/h', HAWSER_ENCRYPTION_KEY: KEY },
      /DATABASE_URL must be an address like postgres/,
    ],
    [
      'a database without a key',
      { DATABASE_URL: 'postgres://db/h' },
      /needs HAWSER_ENCRYPTION_KEY \(or HAWSER_KMS_KEY\); make one with: openssl rand -base64 32/,
    ],
    ['an alias of a key', { HAWSER_KMS_KEY: 'aws-kms:arn:aws:kms:eu-central-1:123456789012:alias/hawser' }, /not of an alias/],
    [
      'two vault keys',
      { HAWSER_ENCRYPTION_KEY: KEY, HAWSER_KMS_KEY: 'aws-kms:arn:aws:kms:eu-central-1:123456789012:key/1234abcd' },
      /set one of them/,
    ],
    ['a key of 16 bytes', { HAWSER_ENCRYPTION_KEY: Buffer.alloc(16).toString('base64') }, /32 bytes in base64; make one with: openssl/],
    ['a role without a database of its own', { HAWSER_ONLY: 'api' }, /--only needs DATABASE_URL/],
    ['an unknown role', { HAWSER_ONLY: 'both' }, /must be one of api, worker/],
    ['the practice org in production', { HAWSER_PRACTICE_ORG: 'true' }, /with --dev only/],
    ['a preset key of a made-up form', { HAWSER_SECRET_KEY_PROD: 'secret' }, /HAWSER_SECRET_KEY_PROD must be an API key/],
    ['a preset key that no request could be made with', { HAWSER_SECRET_KEY_PROD: `hws_PROD_${'a'.repeat(43)}` }, /must be an API key/],
    ['no listen address at all', { HAWSER_HOST: ' , ' }, /HAWSER_HOST.*must be localhost/],
    [
      'one name for the gateway and the API',
      { HAWSER_GATEWAY_HOST: 'hawser.example.com', HAWSER_PUBLIC_URL: 'https://hawser.example.com' },
      /HAWSER_GATEWAY_HOST is the host of HAWSER_PUBLIC_URL/,
    ],
    ['a UUID of another version as preset key', { HAWSER_SECRET_KEY_PROD: '3f2504e0-4f89-11d3-9a0c-0305e82c3301' }, /UUID version 4/],
    ['a preset key for no environment', { HAWSER_SECRET_KEY_: '3f2504e0-4f89-41d3-9a0c-0305e82c3301' }, /names no environment/],
    [
      'a mistyped name',
      { HAWSER_PUBLIC_ULR: 'https://x.example' },
      /HAWSER_PUBLIC_ULR is not a setting of Hawser: did you mean HAWSER_PUBLIC_URL\?/,
    ],
    ['places of which one key could take all', { HAWSER_KEY_CALLS_AT_ONCE: '20000' }, /must hold: else one tenant could take/],
    ['no calls at all', { HAWSER_CALLS_AT_ONCE: '0' }, /must be a whole number/],
    ['a name like no other', { HAWSER_COLOUR_OF_THE_SKY: 'blue' }, /is not a setting of Hawser; remove it/],
  ])('%s', (_what, env, expected) => {
    expect(problems(env)).toEqual([expect.stringMatching(expected)])
  })

  it('not what its clients read, in the same shell', () => {
    expect(problems({ HAWSER_API_KEY: 'hws_dev_x', HAWSER_HOST_URL: 'http://localhost:3003', HAWSER_WEBHOOK_KEY: 'whsec_x' })).toEqual([])
  })

  it.each(['postgres://db.example.com/h', 'postgres://localhost/h?host=10.0.0.5', 'postgres://127.0.0.1.example.com/h'])(
    'the database of another machine with --dev: %s',
    (url) => {
      expect(problems({ DATABASE_URL: url, HAWSER_ENCRYPTION_KEY: KEY }, { dev: true })).toEqual([expect.stringMatching(/--dev refuses/)])
    },
  )

  it('a data directory inside a git work tree, even behind a link, but not with --dev', () => {
    mkdirSync(join(CWD, 'clone/.git'), { recursive: true })
    symlinkSync(join(CWD, 'clone'), join(CWD, 'link'))
    const env = { HAWSER_DATA_DIR: 'link/deep/.hawser' }
    expect(problems(env)).toEqual([expect.stringMatching(/lies in the git work tree .*clone, where keys could be committed/)])
    expect(problems(env, { dev: true })).toEqual([])
  })

  it('neither of these to a command that only opens the database', () => {
    mkdirSync(join(CWD, 'tools/.git'), { recursive: true })
    const env = { DATABASE_URL: 'postgres://db.example.com/h', HAWSER_ENCRYPTION_KEY: KEY, HAWSER_DATA_DIR: 'tools/.hawser' }
    expect(problems(env, { starts: false })).toEqual([])
    expect(problems(env)).toHaveLength(1)
  })

  it('everything at once', () => {
    const env = {
      HAWSER_PORT: 'x',
      HAWSER_LOG_LEVEL: 'loud',
      DATABASE_URL: 'postgres://db/h',
      HAWSER_REFRESH_LEASE: '1s',
      HAWSER_PROT: '1',
    }
    expect(problems(env).map((problem) => problem.split(' ')[0])).toEqual([
      'HAWSER_PORT',
      'HAWSER_LOG_LEVEL',
      'HAWSER_PROT',
      'DATABASE_URL',
      'HAWSER_REFRESH_REQUEST_TIMEOUT',
    ])
  })

  it('without showing a secret', () => {
    const env = {
      DATABASE_URL: 'postgres//u:hunter2@db/h',
      HAWSER_ENCRYPTION_KEY: 'hunter2',
      HAWSER_ALERT_URL: 'hunter2',
      HAWSER_SECRET_KEY_PROD: 'hunter2',
    }
    const found = problems(env)
    expect(found).toHaveLength(4)
    expect(found.join()).not.toContain('hunter2')
  })
})

describe('settingsTable', () => {
  it('has a sentence for every setting, and defaults that parse', () => {
    for (const { env, text } of settingsTable) expect(`${env}: ${text}`).toMatch(/: .{20,}\.$/)
    expect(new Set(settingsTable.map(({ env }) => env)).size).toBe(settingsTable.length)
  })

  it('says of a secret that it is one', () => {
    const secrets = settingsTable.filter((row) => row.secret).map(({ env }) => env)
    expect(secrets).toEqual([
      'DATABASE_URL',
      'HAWSER_ENCRYPTION_KEY',
      'HAWSER_NEW_ENCRYPTION_KEY',
      'HAWSER_ALERT_URL',
      'HAWSER_OIDC_CLIENT_SECRET',
      'HAWSER_SECRET_KEY_<ENVIRONMENT>',
    ])
  })
})
