/** Hawser as the benchmark's child, with a client for its API. */
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { newSecretKey } from '../server/accounts/secret-key.ts'
import { startScript, whenAllEnded } from './children.ts'
import type { HawserInput, HawserReady } from './hawser.ts'

export const INTEGRATION = 'bench'

export interface Product {
  url: string
  /** Bearer of an API key with every scope. */
  headers: Record<string, string>
  /** The server and its postmaster; `cpuMsOf` counts what descends from them. */
  pids: number[]
  serverPid: number
  databaseUrl: string
  /** Makes a connection whose API is at this origin, by an import as an application does it. */
  connect(connectionId: string, origin: string): Promise<void>
}

export interface ProductOptions {
  /** `host:port` pairs. */
  upstreams: string[]
  env?: Record<string, string>
}

export async function startProduct({ upstreams, env = {} }: ProductOptions): Promise<Product> {
  const dataDir = newDataDir()
  const [port, gatewayPort] = [await freePort(), await freePort()]
  const key = newSecretKey('dev')
  const input: HawserInput = { upstreams }
  const child = await startScript<HawserReady>('hawser.ts', input, {
    HAWSER_DATA_DIR: dataDir,
    HAWSER_HOST: '127.0.0.1',
    HAWSER_PORT: String(port),
    HAWSER_GATEWAY_PORT: String(gatewayPort),
    HAWSER_PRACTICE_ORG: 'false',
    // One key makes all calls here.
    HAWSER_API_CALLS_PER_MINUTE: '100000000',
    HAWSER_SECRET_KEY_DEV: key,
    HAWSER_TRUSTED_HOSTS: upstreams.join(','),
    ...env,
  })
  const url = `http://127.0.0.1:${port}`
  const headers = { authorization: `Bearer ${key}` }
  const post = async (path: string, body: unknown): Promise<void> => {
    const answer = await fetch(url + path, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`POST ${path} answered ${answer.status}: ${await answer.text()}`)
  }
  await post('/integrations', {
    provider: 'bench',
    unique_key: INTEGRATION,
    credentials: { type: 'OAUTH2', client_id: 'client', client_secret: 'secret' },
  })
  return {
    url,
    headers,
    pids: [child.pid, postmasterOf(dataDir)],
    serverPid: child.pid,
    databaseUrl: child.ready.databaseUrl,
    // As long as Salesforce's tokens are.
    connect: (connectionId, origin) =>
      post('/connections', {
        provider_config_key: INTEGRATION,
        connection_id: connectionId,
        connection_config: { instance_url: origin },
        credentials: { type: 'OAUTH2', access_token: `00D!${'x'.repeat(96)}`, refresh_token: `${connectionId}-`.padEnd(87, 'r') },
      }),
  }
}

export function newDataDir(): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'hawser-bench-'))
  whenAllEnded(() => removeDataDir(dataDir))
  return dataDir
}

function postmasterOf(dataDir: string): number {
  return Number(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0])
}

/** Started by root, the database's files lie elsewhere, behind a link. */
function removeDataDir(dataDir: string): void {
  const entry = join(dataDir, 'postgres')
  const files = existsSync(entry) ? realpathSync(entry) : entry
  if (dirname(files) !== realpathSync(dataDir)) rmSync(dirname(files), { recursive: true, force: true })
  rmSync(dataDir, { recursive: true, force: true })
}

/** Free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
