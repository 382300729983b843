/** The server as a program: store, practice org, slices, listening, and the file that tells the command line where it is. */
import { unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { ensureDevKey } from '#accounts/dev-key.ts'
import type { Config } from '#config.ts'
import { createLogger } from '#telemetry/log.ts'
import { compose } from './compose.ts'
import { openStore, type Store } from './open-store.ts'
import { offerPractice, registerPracticeLink, startPracticeOrg, type PracticeOrg } from './practice-org.ts'
import { runningServer, SERVER_FILE } from './running-server.ts'

export interface Summary {
  url: string
  gateway_url: string
  data_dir: string
  database: 'embedded' | 'external'
  key_file: string | undefined
  dev_key: string | undefined
  practice_org: { url: string; control_url: string } | undefined
  /** Opens a connect session for the practice org. */
  practice_link: string | undefined
  /** Makes the first owner of the dashboard, once and within a day; none when there is an owner. */
  owner_link: string | undefined
  /** Why nothing is refreshed, and what to do; empty while all is well. */
  frozen: string[]
  /** Catalogue entries that were left out, and why. */
  provider_problems: string[]
  startMs: number
}

export interface RunningServer {
  summary: Summary
  close(): Promise<void>
}

/** Starts everything the configuration asks for. Throws an Error in plain words, with nothing left running. */
export async function startServer(config: Config, log: Logger = createLogger({ level: config.logLevel })): Promise<RunningServer> {
  const started = performance.now()
  // The practice org's file is for one process, and the command line finds one server.
  const running = config.dev ? await runningServer(config.dataDir) : undefined
  if (running)
    throw new Error(
      `A server runs on this data directory already: ${running.url} (process ${running.pid}). Stop it, or use another --data-dir.`,
    )
  const opened: (() => Promise<void>)[] = []
  const closeAll = async () => {
    for (const close of opened.reverse()) await close().catch((error: unknown) => log.error({ err: error }, 'not closed cleanly'))
  }
  try {
    const store = await openStore(config, { onRestart: (message) => log.warn(message) })
    opened.push(store.close)
    const practice = config.practiceOrg ? await startPractice(config, config.practiceOrg.port, log) : undefined
    if (practice) opened.push(practice.close)
    const server = await compose({
      config,
      store,
      log,
      ...(practice ? { inMemoryProviders: practice.providers, trustedHosts: [practice.hostPort] } : {}),
    })
    opened.push(server.close)
    const devKey = config.dev ? await ensureDevKey(store.db.kysely, config.dataDir) : undefined
    if (practice && devKey) registerPracticeLink(server.app, () => devKey)
    const practiceLink = practice && devKey ? await offerPractice(server.app, devKey, config.publicUrl) : undefined
    await server.listen()
    const summary = summaryOf(config, store, practice, {
      devKey,
      practiceLink,
      problems: server.kit.catalogue.problems.map(({ file, path, reason }) => `${file}: ${path ? `${path}: ` : ''}${reason}`),
      frozen: server.frozen(),
      ownerLink: config.roles.api ? await server.firstOwnerLink() : undefined,
      startMs: performance.now() - started,
    })
    await writeServerFile(config, summary)
    opened.push(() => unlink(join(config.dataDir, SERVER_FILE)))
    return { summary, close: closeAll }
  } catch (error) {
    await closeAll()
    throw error
  }
}

function startPractice(config: Config, port: number, log: Logger): Promise<PracticeOrg> {
  return startPracticeOrg({
    port,
    callbackUrl: `${config.publicUrl}/oauth/callback`,
    stateFile: join(config.dataDir, 'practice-org.json'),
    onWarning: (line) => log.warn(line),
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error
    throw new Error(
      `Port ${port} is taken, so the practice org cannot listen there. Set HAWSER_PRACTICE_ORG_PORT, or start with --no-practice-org.`,
    )
  })
}

function summaryOf(
  config: Config,
  store: Store,
  practice: PracticeOrg | undefined,
  found: {
    devKey: string | undefined
    practiceLink: string | undefined
    problems: string[]
    frozen: string[]
    ownerLink: string | undefined
    startMs: number
  },
): Summary {
  return {
    url: config.publicUrl,
    gateway_url: config.gatewayHost ? `https://${config.gatewayHost}` : `http://localhost:${config.gatewayPort}`,
    data_dir: config.dataDir,
    database: store.embedded ? 'embedded' : 'external',
    key_file: store.key.source.kind === 'file' ? store.key.source.path : undefined,
    dev_key: found.devKey,
    practice_org: practice && { url: practice.url, control_url: practice.controlUrl },
    practice_link: found.practiceLink,
    owner_link: found.ownerLink,
    frozen: found.frozen,
    provider_problems: found.problems,
    startMs: Math.round(found.startMs),
  }
}

async function writeServerFile(config: Config, summary: Summary): Promise<void> {
  const content = { pid: process.pid, url: summary.url, gateway_url: summary.gateway_url, practice_org: summary.practice_org }
  await writeFile(join(config.dataDir, SERVER_FILE), `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
}
