import type { KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '#config.ts'
import { findEnvironmentByName } from '#accounts/store.ts'
import { forgetEndUser } from '#activity/store.ts'
import { acknowledgeGaps } from '#audit/acknowledge-gaps.ts'
import { openAuditKey } from '#audit/audit-key.ts'
import { eraseEndUser } from '#audit/erase-end-user.ts'
import { exportAudit } from '#audit/export-audit.ts'
import type { AcknowledgedGap } from '#audit/gaps.ts'
import { createAudit, type Audit } from '#audit/record-disclosure.ts'
import { verifyAudit, type Verdict } from '#audit/verify-audit.ts'
import { systemClock } from '#lib/clock.ts'
import { createLogger } from '#telemetry/log.ts'
import type { Store } from '../../server/open-store.ts'
import { CommandFailure, print } from '../output.ts'
import { withStore } from '../with-store.ts'
import { globalsOf } from '../target.ts'

/** Works on the database itself, like `hawser keys`: it must not depend on the server that it looks over. */
export function addAudit(program: Command): void {
  const audit = program.command('audit').description('the audit trail: verify, export, erase a person')
  audit
    .command('verify')
    .description('names every row that was altered, removed, put in or moved; exit code 1 if there is one')
    .option('--heads <file>', 'also holds the trail against the ends of chains that an earlier `--json audit verify` printed')
    .action(verify)
  audit
    .command('acknowledge')
    .description(
      'says in the trail why rows are missing, e.g. since a backup was restored; `verify` then calls exactly these rows no fault',
    )
    .requiredOption('--reason <text>', 'e.g. "restored the backup of 2026-01-31 after a disk failure"')
    .option('--by <name>', 'who says so; the account of the operating system unless given')
    .option('--heads <file>', 'as of `audit verify`: also acknowledges what only these heads miss')
    .action(acknowledge)
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

const MOST_REASON = 500

async function acknowledge(options: { reason: string; by?: string; heads?: string }, command: Command): Promise<void> {
  const reason = options.reason.trim()
  if (reason === '' || reason.length > MOST_REASON) throw new CommandFailure(`--reason takes 1 to ${MOST_REASON} characters.`)
  const remembered = options.heads === undefined ? undefined : await headsIn(options.heads)
  const by = options.by?.slice(0, 100) ?? userInfo().username
  await withAudit(command, async ({ audit, key, store, config }) => {
    const look = { kysely: store.db.kysely, key, folder: join(config.dataDir, 'audit'), remembered, audit }
    const { gaps, verdict } = await acknowledgeGaps(look, { reason, by })
    const named = gaps.map((gap) => `  ${rowsOf(gap)}`)
    const told = gaps.length === 0 ? ['No rows are missing that are not acknowledged already.'] : [`Acknowledged by ${by}:`, ...named]
    print(globalsOf(command).json, { acknowledged: gaps, verdict }, [...told, ...sentencesOf(verdict)])
    if (verdict.faults.length > 0) process.exitCode = 1
  })
}

function rowsOf({ chain, from, to }: { chain: string; from: number; to: number }): string {
  return from === to ? `row ${from} of chain ${chain}` : `rows ${from} to ${to} of chain ${chain}`
}

function acknowledgedLine(gap: AcknowledgedGap): string {
  return `Acknowledged gap: ${rowsOf(gap)}; ${gap.by}, ${gap.at}: ${gap.reason}`
}

function sentencesOf({ rows, chains, faults, prunedChains, erasedPersons, acknowledged }: Verdict): string[] {
  const seen = `${rows} rows in ${chains} chains`
  const aside = [
    ...acknowledged.map(acknowledgedLine),
    ...(prunedChains > 0 ? [`The beginnings of ${prunedChains} chains were removed after their time.`] : []),
    ...(erasedPersons > 0 ? [`${erasedPersons} pseudonyms of end users who were erased.`] : []),
  ]
  const but = acknowledged.length > 0 ? ', but for gaps that were acknowledged' : ''
  if (faults.length === 0) return [`The audit trail is whole${but}: ${seen}.`, ...aside]
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
  await withAudit(command, async ({ audit, store }) => {
    const kysely = store.db.kysely
    const environment = await findEnvironmentByName(kysely, options.env)
    if (!environment) throw new CommandFailure(`No environment is called "${options.env}". There are dev and prod.`)
    const actor = { kind: 'command_line' }
    const erased = await eraseEndUser({ kysely, audit }, { environmentId: environment.id, endUserId, actor })
    const forgotten = await forgetEndUser(kysely, environment.id, endUserId)
    const told =
      erased + forgotten === 0
        ? `Neither the audit trail nor the logs of "${environment.name}" name an end user "${endUserId}".`
        : `Erased. A running server may write the old pseudonym for up to a day more; restart it to end that.`
    print(globalsOf(command).json, { erased, forgotten }, told)
  })
}

/** With an audit of the command's own, for changes to the trail. */
async function withAudit(
  command: Command,
  work: (given: { audit: Audit; key: KeyObject; store: Store; config: Config }) => Promise<void>,
): Promise<void> {
  await withStore(command, async (store, config) => {
    const key = await openAuditKey(store.db.kysely, store.key.provider)
    const log = createLogger({ level: 'warn', write: () => {} })
    const audit = createAudit({ db: store.db, clock: systemClock, log }, { key })
    try {
      await work({ audit, key, store, config })
    } finally {
      await audit.close()
    }
  })
}
