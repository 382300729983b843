import type { Command } from 'commander'
import { readConfig, type Config } from '#config.ts'
import { openStore, type Store } from '../server/open-store.ts'
import { CommandFailure } from './output.ts'
import { globalsOf } from './target.ts'

/** For commands that work on the database itself: opens it as the server would, and closes it whatever happens. */
export async function withStore(command: Command, work: (store: Store, config: Config) => Promise<void>): Promise<void> {
  const flags = { dataDir: globalsOf(command).dataDir }
  const read = readConfig({ env: process.env, flags, dev: false, starts: false, cwd: process.cwd() })
  if (!read.ok) throw new CommandFailure(read.problems.join('\n'))
  const store = await openStore(read.config)
  try {
    await work(store, read.config)
  } finally {
    await store.close()
  }
}
