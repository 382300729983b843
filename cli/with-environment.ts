import type { Command } from 'commander'
import { findEnvironmentByName, type StoredEnvironment } from '#accounts/store.ts'
import { openAuditKey } from '#audit/audit-key.ts'
import { createAudit } from '#audit/record-disclosure.ts'
import { systemClock } from '#lib/clock.ts'
import { createLogger } from '#telemetry/log.ts'
import type { Store } from '../server/open-store.ts'
import { CommandFailure } from './output.ts'
import { withStore } from './with-store.ts'

export interface EnvOption {
  env: string
}

export const ENV = ['-e, --env <name>', 'environment: dev or prod', 'dev'] as const

/** For commands on the keys of an environment, in the database itself: the first key of an environment needs no other key. */
export async function withEnvironment(
  options: EnvOption,
  command: Command,
  work: (store: Store, environment: StoredEnvironment) => Promise<void>,
): Promise<void> {
  await withStore(command, async (store) => {
    const environment = await findEnvironmentByName(store.db.kysely, options.env)
    if (!environment) throw new CommandFailure(`No environment is called "${options.env}". There are dev and prod.`)
    await work(store, environment)
  })
}

/** Commits the row of the audit before the change, as the endpoints do. */
export async function leaveTrace(
  store: Store,
  environment: StoredEnvironment,
  action: string,
  subject: Record<string, unknown>,
): Promise<void> {
  const key = await openAuditKey(store.db.kysely, store.key.provider)
  const audit = createAudit({ db: store.db, clock: systemClock, log: createLogger({ level: 'warn', write: () => {} }) }, { key })
  try {
    await audit.changed({ environmentId: environment.id, actor: { kind: 'command_line' }, action, subject })
  } finally {
    await audit.close()
  }
}
