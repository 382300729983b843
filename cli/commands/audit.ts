import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { findEnvironmentByName } from '#accounts/store.ts'
import { openAuditKey } from '#audit/audit-key.ts'
import { eraseEndUser } from '#audit/erase-end-user.ts'
import { exportAudit } from '#audit/export-audit.ts'
import { createAudit } from '#audit/record-disclosure.ts'
import { verifyAudit, type Verdict } from '#audit/verify-audit.ts'
import { systemClock } from '#lib/clock.ts'
import { createLogger } from '#telemetry/log.ts'
import { CommandFailure, print } from '../output.ts'
import { withStore } from '../with-store.ts'
import { globalsOf } from '../target.ts'

/** Works on the database itself, like `hawser keys`: it must not depend on the server that it looks over. */
export function addAudit(program: Command): void {
  const audit = program.command('audit').description('the audit trail: verify, export')
  audit
    .command('verify')
    .description('names every row that was altered, removed, put in or moved; exit code 1 if there is one')
    .option('--heads <file>', 'also holds the trail against the ends of chains that an earlier `--json audit verify` printed')
    .action(verify)
  audit
    .command('export')
    .description('prints rows as JSON, one a line')
    .option('--from <time>', 'from this time on, e.g. 2026-01-31 or 2026-01-31T08:00:00Z')
    .option('--to <time>', 'before this time')
    .option('--json-lines', 'the only form there is; for scripts that say so')
    .action(exportRows)
  audit
    .command('erase-end-user <id>')
    .description('takes an end user’s id and addresses out of the trail; it stays verifiable')
    .option('-e, --env <name>', 'environment: dev or prod', 'dev')
    .action(erase)
}

async function verify(options: { heads?: string }, command: Command): Promise<void> {
  const remembered = options.heads === undefined ? undefined : await headsIn(options.heads)
  await withStore(command, async (store, config) => {
    const kysely = store.db.kysely
    const key = await openAuditKey(kysely, store.key.provider)
    const verdict = await verifyAudit({ kysely, key, folder: join(config.dataDir, 'audit'), remembered })
    print(globalsOf(command).json, verdict, sentencesOf(verdict))
    if (verdict.faults.length > 0) process.exitCode = 1
  })
}

function sentencesOf({ rows, chains, faults, prunedChains, erasedPersons }: Verdict): string[] {
  const seen = `${rows} rows in ${chains} chains`
  const aside = [
    ...(prunedChains > 0 ? [`The beginnings of ${prunedChains} chains were removed after their time.`] : []),
    ...(erasedPersons > 0 ? [`${erasedPersons} pseudonyms of end users who were erased.`] : []),
  ]
  if (faults.length === 0) return [`The audit trail is whole: ${seen}.`, ...aside]
  const lines = faults.map(({ chain, seq, what }) => `  ${seq === null ? 'chain' : `row ${seq} of chain`} ${chain} ${what}`)
  return [`The audit trail is NOT whole (${seen} looked at):`, ...lines, ...aside]
}

async function headsIn(file: string): Promise<Verdict['heads']> {
  try {
    const { heads } = JSON.parse(await readFile(file, 'utf8')) as Verdict
    if (!Array.isArray(heads)) throw new Error('it holds no heads')
    return heads
  } catch (error) {
    throw new CommandFailure(`${file} is not what \`hawser --json audit verify\` printed: ${(error as Error).message}`)
  }
}

async function exportRows(options: { from?: string; to?: string }, command: Command): Promise<void> {
  const [from, to] = [timeOf(options.from, '--from'), timeOf(options.to, '--to')]
  await withStore(command, async (store) => {
    for await (const line of exportAudit(store.db.kysely, from, to)) {
      if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain')
    }
  })
}

function timeOf(text: string | undefined, name: string): Date | undefined {
  if (text === undefined) return undefined
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) throw new CommandFailure(`${name} is a time like 2026-01-31 or 2026-01-31T08:00:00Z, not "${text}".`)
  return time
}

async function erase(endUserId: string, options: { env: string }, command: Command): Promise<void> {
  await withStore(command, async (store) => {
    const kysely = store.db.kysely
    const environment = await findEnvironmentByName(kysely, options.env)
    if (!environment) throw new CommandFailure(`No environment is called "${options.env}". There are dev and prod.`)
    const key = await openAuditKey(kysely, store.key.provider)
    const log = createLogger({ level: 'warn', write: () => {} })
    const audit = createAudit({ db: store.db, clock: systemClock, log }, { key })
    try {
      const actor = { kind: 'command_line' }
      const erased = await eraseEndUser({ kysely, audit }, { environmentId: environment.id, endUserId, actor })
      const told =
        erased === 0
          ? `The audit trail of "${environment.name}" names no end user "${endUserId}".`
          : `Erased. A running server may write the old pseudonym for up to a day more; restart it to end that.`
      print(globalsOf(command).json, { erased }, told)
    } finally {
      await audit.close()
    }
  })
}
