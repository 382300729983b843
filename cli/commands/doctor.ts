import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { LONGEST_PASTE } from '@hawser/api/doctor.ts'
import { actorWords, confidenceWords } from '@hawser/salesforce/errors/in-words.ts'
import { readConfig } from '#config.ts'
import type { Diagnosis } from '#diagnosis/diagnose.ts'
import { explainText } from '#diagnosis/explain-text.ts'
import { BACKUP_MARK, checkInstallation } from '#doctor/check-installation.ts'
import { CommandFailure, print } from '../output.ts'
import { clientOf, globalsOf, readServerFile, type GlobalOptions } from '../target.ts'

const SIGNS = { ok: 'ok  ', warning: '!   ', failed: 'FAIL', unknown: '?   ' }

const UNKNOWN = [
  'We do not know this error, and would rather say so than guess.',
  'Bring more of it: the whole address from the address bar of the page that shows the error (even if it is long), the JSON of the answer, or the full output of the command.',
  'In Salesforce, Setup → Login History shows why a sign-in failed.',
]

interface Options {
  keyIsBackedUp?: boolean
  integration?: string
  hostname?: string
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .argument('[text...]', 'an error that you see: an address, the text of a page, JSON, output of the sf CLI; - reads standard input')
    .description('explains an error that you paste, without a server; with no text, checks this installation')
    .option('-i, --integration <key>', "asks Salesforce whether the integration's client id, callback URL and scopes are right")
    .option('--hostname <host>', 'with --integration: the My Domain to ask, such as acme--uat.sandbox.my.salesforce.com')
    .option('--key-is-backed-up', 'remember that a copy of the vault key exists')
    .action(async (words: string[], options: Options, command: Command) => {
      const globals = globalsOf(command)
      if (words.length > 0) explain(globals, words.length === 1 && words[0] === '-' ? await standardInput() : words.join(' '))
      else if (options.integration !== undefined) await probe(globals, options.integration, options.hostname)
      else if (options.hostname !== undefined) throw new CommandFailure('--hostname goes with --integration <key>.')
      else await checkAll(globals, options)
    })
}

function explain(globals: GlobalOptions, text: string): void {
  const { known, diagnosis, recognisedAs } = explainText(text)
  print(globals.json, { known, recognised_as: recognisedAs, diagnosis }, diagnosis ? sentencesOf(diagnosis) : UNKNOWN)
  if (!known) process.exitCode = 1
}

async function standardInput(): Promise<string> {
  process.stdin.setEncoding('utf8')
  let text = ''
  for await (const chunk of process.stdin) {
    text += String(chunk)
    if (text.length >= LONGEST_PASTE) break
  }
  return text.slice(0, LONGEST_PASTE)
}

function sentencesOf({ code, title, cause, fix, actor, transient, confidence, source, docs, evidence }: Diagnosis): string[] {
  const [first, ...more] = fix
  const seen = Object.entries(evidence).map(([name, value]) => `${name.replaceAll('_', ' ')}: ${value}`)
  return [
    `${title} (${code})`,
    `  Why:   ${cause}`,
    ...(first === undefined
      ? []
      : [`  Do:    ${more.length > 0 ? '1. ' : ''}${first}`, ...more.map((step, index) => `         ${index + 2}. ${step}`)]),
    `  Who:   ${actorWords[actor]}${transient ? '; it also passes by itself' : ''}`,
    ...(seen.length > 0 ? [`  Seen:  ${seen.join(', ')}`] : []),
    `  Sure:  ${confidence}, ${confidenceWords[confidence]} (${source})`,
    ...(docs === null ? [] : [`  More:  docs${docs.replace('#', '.md#')}`]),
  ]
}

const CHECK_NAMES = { client_id: 'Client id', callback_url: 'Callback', scopes: 'Scopes', pkce: 'PKCE' }

async function probe(globals: GlobalOptions, integration: string, hostname: string | undefined): Promise<void> {
  const found = await clientOf(globals).probeIntegration(integration, hostname === undefined ? {} : { hostname })
  const pkce = { true: 'the app requires it', false: 'the app does not require it', null: 'whether the app requires it could not be seen' }
  print(globals.json, found, [
    `Asked ${found.host}:`,
    ...found.checks.flatMap(({ name, result, diagnosis }) => [
      `${SIGNS[result]}  ${CHECK_NAMES[name].padEnd(10)} ${name === 'pkce' ? pkce[`${found.pkce_required}`] : (diagnosis?.title ?? '')}`.trimEnd(),
      ...(diagnosis?.fix ?? []).map((step) => `                 → ${step}`),
    ]),
    found.ok
      ? 'A user can sign in.'
      : found.checks.some(({ result }) => result === 'failed')
        ? 'A user cannot sign in like this.'
        : 'Whether a user can sign in could not be seen.',
  ])
  if (!found.ok) process.exitCode = 1
}

async function checkAll(globals: GlobalOptions, options: Options): Promise<void> {
  // Where the server really listens, if one runs here; what it would use, if not.
  const running = readServerFile(globals)?.url
  const env = { ...process.env, ...(running && !process.env['HAWSER_PUBLIC_URL'] ? { HAWSER_PUBLIC_URL: running } : {}) }
  const read = readConfig({ env, flags: { dataDir: globals.dataDir }, dev: false, starts: false, cwd: process.cwd() })
  if (!read.ok) {
    print(globals.json, { settings: read.problems }, ['FAIL  Settings', ...read.problems.map((problem) => `      ${problem}`)])
    process.exitCode = 1
    return
  }
  if (options.keyIsBackedUp) await writeFile(join(read.config.dataDir, BACKUP_MARK), `${new Date().toISOString()}\n`)
  const checks = await checkInstallation(read.config, Date.now)
  print(
    globals.json,
    checks,
    checks.flatMap((check) => [
      `${SIGNS[check.result]}  ${check.name.padEnd(10)} ${check.text}`,
      ...(check.fix ? [`                 → ${check.fix}`] : []),
    ]),
  )
  if (checks.some((check) => check.result === 'failed')) process.exitCode = 1
}
