import type { Command } from 'commander'
import { startFakeSalesforce } from '@hawser/fake-salesforce/start.ts'
import { CommandFailure, print } from '../output.ts'
import { globalsOf } from '../target.ts'

export function addFakeSalesforce(program: Command): void {
  program
    .command('fake-salesforce')
    .description('starts a fake Salesforce for tests of any integration: authorization server and REST API of several orgs')
    .option('--port <port>', 'first port; each role gets the next one', '4100')
    .option('--callback-url <url>', 'the redirect URI of the apps', 'http://localhost:3003/oauth/callback')
    .action(async (options: { port: string; callbackUrl: string }, command: Command) => {
      const port = Number(options.port)
      if (!Number.isInteger(port) || port < 1 || port > 65_500) throw new CommandFailure('--port is a number from 1 to 65500.')
      const fake = await startFakeSalesforce({ firstPort: port, seed: 'scenario', callbackUrls: [options.callbackUrl] }).catch(
        (error: NodeJS.ErrnoException & { port?: number }) => {
          if (error.code !== 'EADDRINUSE') throw error
          throw new CommandFailure(`Port ${error.port} is taken. Choose another first port with --port; the next eight must be free too.`)
        },
      )
      const roles = Object.entries(fake.urls())
      print(globalsOf(command).json, { control_url: fake.controlUrl, urls: fake.urls() }, [
        'A fake Salesforce for tests runs; stop it with Ctrl-C.',
        ...roles.map(([role, url]) => `  ${role.padEnd(20)} ${url}`),
        `  ${'control API'.padEnd(20)} ${fake.controlUrl}`,
        '',
        `Client ids and secrets: curl -s ${fake.controlUrl}/state. The rest is in fake-salesforce/README.md.`,
      ])
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
      })
      await fake.close()
    })
}
