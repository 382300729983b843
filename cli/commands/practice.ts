import { Option, type Command } from 'commander'
import { CommandFailure, print } from '../output.ts'
import { globalsOf, readServerFile } from '../target.ts'
import { breakages } from '@hawser/fake-salesforce/practice/break-practice.ts'

export function addPractice(program: Command): void {
  const practice = program.command('practice').description('the practice org that runs beside `npm start`')
  const kinds = Object.keys(breakages)
  practice
    .command('break <kind>')
    .description(`makes the practice org fail, to see what your code and your customers would see: ${kinds.join(', ')}`)
    .action(async (kind: string, _options: unknown, command: Command) => {
      if (!kinds.includes(kind)) throw new CommandFailure(`No such way to break it. Choose one of: ${kinds.join(', ')}.`)
      await tell(command, kind)
    })
  practice
    .command('repair')
    .description('makes everything work again')
    .action(async (_options: unknown, command: Command) => tell(command, 'repair'))
  practice.addOption(new Option('--list').hideHelp())
}

async function tell(command: Command, kind: string): Promise<void> {
  const globals = globalsOf(command)
  const org = readServerFile(globals)?.practice_org
  if (!org) throw new CommandFailure('No practice org runs here. It starts with `npm start`.')
  const answer = await fetch(`${org.control_url}/break`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind }),
  }).catch(() => {
    throw new CommandFailure('The practice org does not answer. Is `npm start` still running?')
  })
  if (!answer.ok) throw new CommandFailure(`The practice org answered ${answer.status}: ${await answer.text()}`)
  print(globals.json, { kind, done: true }, breakages[kind as keyof typeof breakages] ?? kind)
}
