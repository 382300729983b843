import type { Command } from 'commander'
import { systemClock } from '#lib/clock.ts'
import { CommandFailure, print } from '../output.ts'
import { globalsOf } from '../target.ts'
import { programVersion, withDatabase } from './backup-database.ts'
import { checkDatabase } from './preflight/database-checks.ts'
import { bad, ok, warn, type Line } from './preflight/line.ts'
import { checkMachine, checkNode } from './preflight/machine-checks.ts'
import { checkSettings } from './preflight/setting-checks.ts'

const SIGNS = { ok: 'ok  ', warn: '!   ', fail: 'FAIL' }

/** Run it with the release that is to start next: it knows which migrations are missing. */
export function addPreflight(program: Command): void {
  program
    .command('preflight')
    .description('looks, before a start or an upgrade, at everything that could go wrong; changes nothing; exit code 1 if something would')
    .option('--to <version>', 'the release that is to run next; none: no upgrade is planned (default: this one)')
    .action(async (options: { to?: string }, command: Command) => {
      const { json, dataDir } = globalsOf(command)
      const lines = await preflight(dataDir, options.to ?? programVersion())
      const failed = lines.filter(({ state }) => state === 'fail').length
      const warned = lines.filter(({ state }) => state === 'warn').length
      print(json, { ok: failed === 0, lines }, [
        ...lines.flatMap(({ state, text, todo }) => [`${SIGNS[state]}  ${text}`, ...(todo === undefined ? [] : [`        → ${todo}`])]),
        '',
        failed > 0
          ? `${failed} of these would go wrong.`
          : warned > 0
            ? `Nothing stands in the way; ${warned} to look at.`
            : 'All is well.',
      ])
      if (failed > 0) process.exitCode = 1
    })
}

async function preflight(dataDir: string | undefined, to: string): Promise<Line[]> {
  const now = () => systemClock.now()
  const { lines, config } = checkSettings(process.env, dataDir, process.cwd())
  const first = [checkRelease(to), checkNode(), ...lines]
  if (!config) return first
  let size: number | undefined
  let database: Line[]
  try {
    const found = await withDatabase(config, (url) => checkDatabase(config, url, to !== 'none', now))
    size = found.bytes
    database = found.lines
  } catch (error) {
    database = [
      error instanceof CommandFailure && error.message.startsWith('There is no database')
        ? warn('database', error.message, 'nothing, for a new installation')
        : bad('database', (error as Error).message, 'do what it says'),
    ]
  }
  return [...first, ...(await checkMachine(config, size, now())), ...database]
}

function checkRelease(to: string): Line {
  const here = programVersion()
  if (to === 'none') return ok('release', `this is release ${here}; no upgrade is planned`)
  if (to === here) return ok('release', `looked at for release ${here}`)
  return warn(
    'release',
    `this is release ${here}, which does not know the migrations of ${to}`,
    `run preflight of ${to} on this data directory: it changes nothing`,
  )
}
