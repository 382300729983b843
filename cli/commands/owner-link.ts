import type { Command } from 'commander'
import { openAuditKey } from '#audit/audit-key.ts'
import { createAudit } from '#audit/record-disclosure.ts'
import { systemClock } from '#lib/clock.ts'
import { makeOwnerLink } from '#people/owner-link.ts'
import { createLogger } from '#telemetry/log.ts'
import { runningServer } from '../../server/running-server.ts'
import { print } from '../output.ts'
import { globalsOf } from '../target.ts'
import { withStore } from '../with-store.ts'

/** Works on the database itself: whoever may run this owns the data anyway. */
export function addOwnerLink(program: Command): void {
  program
    .command('owner-link')
    .description('makes a link that opens the dashboard for an owner: the first one, or one who lost password or second factor')
    .action(async (_options: unknown, command: Command) => {
      await withStore(command, async (store, config) => {
        const key = await openAuditKey(store.db.kysely, store.key.provider)
        const log = createLogger({ level: 'warn', write: () => {} })
        const audit = createAudit({ db: store.db, clock: systemClock, log }, { key })
        const publicUrl = (await runningServer(config.dataDir))?.url ?? config.publicUrl
        try {
          const { url, expiresAt } = await makeOwnerLink(store.db.kysely, publicUrl, Date.now(), audit.changed, 'command_line')
          print(globalsOf(command).json, { url, expires_at: expiresAt.toISOString() }, [
            url,
            '',
            'It works once, within 24 hours, and ends the links before it. Enter the address of an owner to give her a new password: her sessions',
            'and her second factor end.',
          ])
        } finally {
          await audit.close()
        }
      })
    })
}
