import { readConfig, type Config } from '#config.ts'
import type { Command } from 'commander'
import { startServer, type RunningServer } from '../../server/main.ts'
import { CommandFailure, print } from '../output.ts'
import { globalsOf } from '../target.ts'
import { banner } from '../banner.ts'

interface StartOptions {
  dev?: boolean
  port?: string
  gatewayPort?: string
  only?: string
  practiceOrg?: boolean
}

export function addStart(program: Command): void {
  program
    .command('start')
    .description('starts the server (npm start adds --dev)')
    .option('--dev', 'for a laptop: with the practice org, and the first steps printed')
    .option('--port <port>', 'HAWSER_PORT, default 3003')
    .option('--gateway-port <port>', 'HAWSER_GATEWAY_PORT, default 3004')
    .option('--data-dir <folder>', 'HAWSER_DATA_DIR, default ./.hawser')
    .option('--only <role>', 'api or worker; both unless given')
    .option('--no-practice-org', 'with --dev: leave the practice org out')
    .action(async (options: StartOptions, command: Command) => {
      const globals = globalsOf(command)
      const flags = {
        port: options.port,
        gatewayPort: options.gatewayPort,
        dataDir: globals.dataDir,
        only: options.only,
        practiceOrg: options.practiceOrg,
      }
      const read = readConfig({ env: process.env, flags, dev: options.dev === true, cwd: process.cwd() })
      if (!read.ok)
        throw new CommandFailure(['The server cannot start like this:', ...read.problems.map((problem) => `  - ${problem}`)].join('\n'))
      const server = await startServer(read.config).catch((error: Error) => {
        throw notStarted(error)
      })
      print(globals.json, server.summary, banner(read.config, server))
      await untilStopped(read.config, server)
    })
}

/** What keeps a server from starting is the operator's to mend: a sentence, and the stack only for what nobody foresaw. */
function notStarted(error: Error): Error {
  const { code } = error as NodeJS.ErrnoException
  const foreseen = error.constructor === Error || typeof code === 'string'
  return foreseen ? new CommandFailure(`The server cannot start: ${error.message}`) : error
}

/** Sooner than that, a second Ctrl-C is the same one, which reached us by the process group and by the launcher. */
const SAME_KEY_PRESS_MS = 500

/**
 * Requests under way are waited for, up to the drain time. A second Ctrl-C does not wait. Another SIGTERM changes nothing: service managers send
 * it to every process of a group, and so it arrives here twice.
 */
async function untilStopped(config: Config, server: RunningServer): Promise<void> {
  let firstAt = 0
  await new Promise<void>((resolve) => {
    const stop = () => {
      firstAt ||= performance.now()
      resolve()
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', () => {
      if (firstAt > 0 && performance.now() - firstAt > SAME_KEY_PRESS_MS) process.exit(1)
      stop()
    })
  })
  const giveUp = setTimeout(() => process.exit(1), config.drainMs + 1_500)
  giveUp.unref()
  await server.close()
}
