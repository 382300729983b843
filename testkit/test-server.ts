/** The whole server on free ports, with a fake Salesforce behind real-looking host names: what end-to-end tests start. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startFakeSalesforce, type FakeSalesforce, type FakeSalesforceOptions } from '@hawser/fake-salesforce/start.ts'
import { newSecretKey } from '../server/accounts/secret-key.ts'
import { compose, type ComposedServer } from '../server/compose.ts'
import { readConfig, type Config } from '../server/config.ts'
import type { Kit } from '../server/kit.ts'
import { openStore } from '../server/open-store.ts'
import { createLogger } from '../server/telemetry/log.ts'
import { createBrowser, type Browser } from './browser.ts'
import { createTestCa } from './test-ca.ts'
import { createTestDatabase } from './test-database.ts'

export interface TestServerOptions {
  /** Catalogue entries of this test alone. */
  catalogue?: Record<string, unknown>
  /** Private hosts that the server may call. */
  trustedHosts?: { host: string; port: number }[]
  fake?: FakeSalesforceOptions
  /** Further settings by their environment names. */
  env?: Record<string, string>
}

export interface TestServer {
  url: string
  gatewayUrl: string
  /** Keys of the environments dev and prod with every scope. */
  apiKey: string
  prodKey: string
  fake: FakeSalesforce
  kit: Kit
  server: ComposedServer
  config: Config
  /** Maps the fake's hosts; for a further server on the same fake. */
  connector: (hostPort: string) => { host: string; port: number; ca: string } | undefined
  /** A new browser that reaches the fake's hosts. */
  browser(): Browser
  clock: { now(): number; advance(ms: number): void }
  /** Everything that was logged, as text. */
  logged(): string
  close(): Promise<void>
}

const SALESFORCE_HOSTS = /\.(salesforce\.com|salesforce-setup\.com|force\.com)$/
const CERTIFICATE_NAMES = [
  'login.salesforce.com',
  'test.salesforce.com',
  '*.my.salesforce.com',
  '*.sandbox.my.salesforce.com',
  '*.develop.my.salesforce.com',
  '*.scratch.my.salesforce.com',
  '*.trailblaze.my.salesforce.com',
  '*.lightning.force.com',
  '*.sandbox.lightning.force.com',
  '*.my.salesforce-setup.com',
]

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const ca = createTestCa()
  let offsetMs = 0
  const clock = { now: () => Date.now() + offsetMs }
  const [port, gatewayPort] = await freePorts()
  const url = `http://localhost:${port}`
  const [database, dataDir] = await Promise.all([createTestDatabase(), mkdtemp(join(tmpdir(), 'hawser-e2e-'))])
  const fake = await startFakeSalesforce({
    seed: 'scenario',
    tls: ca.issue(CERTIFICATE_NAMES),
    callbackUrls: [`${url}/oauth/callback`],
    ...options.fake,
  })
  const connector = (hostPort: string) =>
    SALESFORCE_HOSTS.test(hostPort.replace(/:443$/, '')) && hostPort.endsWith(':443')
      ? { host: '127.0.0.1', port: fake.port!, ca: ca.caPem }
      : undefined

  const keys = { dev: newSecretKey('dev'), prod: newSecretKey('prod') }
  const config = configOf({
    DATABASE_URL: database.url,
    HAWSER_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    HAWSER_DATA_DIR: dataDir,
    HAWSER_PORT: String(port),
    HAWSER_GATEWAY_PORT: String(gatewayPort),
    HAWSER_PRACTICE_ORG: 'false',
    HAWSER_SECRET_KEY_DEV: keys.dev,
    HAWSER_SECRET_KEY_PROD: keys.prod,
    ...options.env,
  })
  const lines: string[] = []
  const log = createLogger({ level: 'debug', pretty: false, write: (line) => void lines.push(line) })
  const store = await openStore(config, { clockOffsetMs: 0 })
  const server = await compose({
    config,
    store,
    log,
    clock,
    connector,
    checkReplies: true,
    ...(options.catalogue ? { inMemoryProviders: options.catalogue } : {}),
    ...(options.trustedHosts ? { trustedHosts: options.trustedHosts } : {}),
  })
  await server.listen()
  const browsers: Browser[] = []

  return {
    url,
    gatewayUrl: `http://localhost:${gatewayPort}`,
    apiKey: keys.dev,
    prodKey: keys.prod,
    fake,
    kit: server.kit,
    server,
    config,
    connector,
    browser() {
      const browser = createBrowser({ connector })
      browsers.push(browser)
      return browser
    },
    clock: {
      now: clock.now,
      advance(ms) {
        offsetMs += ms
        store.db.setClockOffset(offsetMs)
        fake.advance(ms)
      },
    },
    logged: () => lines.join(''),
    async close() {
      await Promise.all(browsers.map((browser) => browser.close()))
      await server.close()
      await store.close()
      await fake.close()
      await database.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

function configOf(env: Record<string, string>): Config {
  const read = readConfig({ env, dev: true, cwd: tmpdir() })
  if (!read.ok) throw new Error(read.problems.join('\n'))
  return read.config
}

/** Below the range from which the system takes ports for outgoing calls, so that none of those can come in between; one stretch a process,
 * so that two runs on one machine rarely meet. */
/** Above 10080, the last port that `fetch` refuses. */
const FIRST_PORT = 10_100
const STRETCH = 20
const STRETCHES = 1_100
const TRIES = 500
let nextPort = FIRST_PORT + (process.pid % STRETCHES) * STRETCH

/** Two ports that nobody listens on. */
export async function freePorts(): Promise<[number, number]> {
  const found: number[] = []
  for (let tries = 0; found.length < 2 && tries < TRIES; tries++) {
    const port = nextPort++
    if (await isFree(port)) found.push(port)
  }
  if (found.length < 2) throw new Error('no free ports')
  return [found[0]!, found[1]!]
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
