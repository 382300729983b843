/** A server as `npm start` makes it, practice org included, and its owner in a browser. For tests of the dashboard's pages. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext } from 'playwright-core'
import { readConfig } from '../../server/config.ts'
import { startServer } from '../../server/main.ts'
import { createLogger } from '../../server/telemetry/log.ts'
import { createTestDatabase } from '../../testkit/test-database.ts'
import { freePorts } from '../../testkit/test-server.ts'

export const OWNER = { name: 'Olga Owner', email: 'olga@example.com', password: 'violet kettle orbit' }

export interface PracticeServer {
  /** Of the dashboard, with a slash at its end. */
  dashboard: string
  url: string
  /** Of the first owner; works once. */
  ownerLink: string
  devKey: string
  close(): Promise<void>
}

export async function startPracticeServer(env: Record<string, string> = {}): Promise<PracticeServer> {
  const [database, dataDir, ports, [practicePort]] = await Promise.all([
    createTestDatabase(),
    mkdtemp(join(tmpdir(), 'hawser-practice-')),
    freePorts(),
    freePorts(),
  ])
  const read = readConfig({
    env: {
      DATABASE_URL: database.url,
      HAWSER_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      HAWSER_DATA_DIR: dataDir,
      HAWSER_PORT: String(ports[0]),
      HAWSER_GATEWAY_PORT: String(ports[1]),
      HAWSER_PRACTICE_ORG_PORT: String(practicePort),
      ...env,
    },
    dev: true,
    cwd: tmpdir(),
  })
  if (!read.ok) throw new Error(read.problems.join('\n'))
  const server = await startServer(read.config, createLogger({ level: 'silent', pretty: false, write: () => {} }))
  const { url, owner_link: ownerLink, dev_key: devKey } = server.summary
  return {
    dashboard: `${url}/dashboard/`,
    url,
    ownerLink: ownerLink ?? '',
    devKey: devKey ?? '',
    async close() {
      await server.close()
      await database.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Calls an endpoint with the cookies of a context, as the server's own pages do. */
export async function callAs(
  context: BrowserContext,
  url: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, never>> {
  const answer = await context.request.fetch(`${url}${path}`, {
    method,
    headers: { 'sec-fetch-site': 'same-origin', 'hawser-environment': '' },
    ...(body === undefined ? {} : { data: body }),
  })
  if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`)
  return (await answer.json()) as Record<string, never>
}

/** Makes the first owner with a link, without clicks; her session is in the context then. */
export async function becomeOwner(context: BrowserContext, url: string, ownerLink: string): Promise<void> {
  const token = ownerLink.slice(ownerLink.indexOf('#') + 1)
  await callAs(context, url, 'POST', '/accounts/welcome', { token, ...OWNER })
}
