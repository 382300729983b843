import type { Command } from 'commander'
import { CommandFailure, print } from '../output.ts'
import { globalsOf, readServerFile } from '../target.ts'
import { breakages } from '@hawser/fake-salesforce/practice/break-practice.ts'

const ANSWER_MS = 10_000

export function addPractice(program: Command): void {
  const practice = program.command('practice').description('the practice org that runs beside `npm start`')
  const kinds = Object.keys(breakages).filter((kind) => kind !== 'repair')
  practice
    .command('break <kind>')
    .description('makes the practice org fail, to see what your code and your customers would see (--help lists the kinds)')
    .addHelpText(
      'after',
      ['', 'Kinds:', ...kinds.map((kind) => `  ${kind.padEnd(16)} ${breakages[kind as keyof typeof breakages]}`)].join('\n'),
    )
    .action(async (kind: string, _options: unknown, command: Command) => {
      if (!kinds.includes(kind)) throw new CommandFailure(`No such way to break it. Choose one of: ${kinds.join(', ')}.`)
      await tell(command, kind)
    })
  practice
    .command('repair')
    .description('makes everything work again')
    .action(async (_options: unknown, command: Command) => tell(command, 'repair'))
}

async function tell(command: Command, kind: string): Promise<void> {
  const globals = globalsOf(command)
  const server = readServerFile(globals)
  const org = server?.practice_org
  if (!server || !org) throw new CommandFailure('No practice org runs here. It starts with `npm start`.')
  const answer = await fetch(`${org.control_url}/break`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind }),
    signal: AbortSignal.timeout(ANSWER_MS),
  }).catch(() => {
    throw new CommandFailure('The practice org does not answer. Is `npm start` still running?')
  })
  if (!answer.ok) throw new CommandFailure(`The practice org answered ${answer.status}: ${await answer.text()}`)
  const sentence = breakages[kind as keyof typeof breakages]
  print(globals.json, { kind, done: true }, kind === 'repair' ? [sentence, `  reconnect: ${server.url}/practice`] : sentence)
}
