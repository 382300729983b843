/** The database as it is: commands that look before an upgrade must not bring its schema up to date, as the server's start does. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { readConfig, type Config } from '#config.ts'
import { startEmbeddedPostgres } from '#db/embedded-postgres.ts'
import { reveal } from '#lib/secret.ts'
import { existsSync } from 'node:fs'
import { CommandFailure } from '../output.ts'
import { globalsOf } from '../target.ts'

/** The settings, for a command beside the server. */
export function configBeside(command: Command): Config {
  const read = readConfig({
    env: process.env,
    flags: { dataDir: globalsOf(command).dataDir },
    dev: false,
    starts: false,
    cwd: process.cwd(),
  })
  if (!read.ok) throw new CommandFailure(read.problems.join('\n'))
  return read.config
}

/** Joins the embedded database or starts it; a data directory without one is a mistake of the caller. */
export async function withDatabase<T>(config: Config, work: (url: string) => Promise<T>): Promise<T> {
  if (config.databaseUrl) return work(reveal(config.databaseUrl))
  if (!existsSync(join(config.dataDir, 'postgres')))
    throw new CommandFailure(`There is no database in ${config.dataDir}: name the data directory with --data-dir, or set DATABASE_URL.`)
  const embedded = await startEmbeddedPostgres({ dataDir: config.dataDir }).catch((error: Error) => {
    throw new CommandFailure(error.message)
  })
  try {
    return await work(embedded.url)
  } finally {
    await embedded.stop()
  }
}

export function programVersion(): string {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string }
  return version
}
