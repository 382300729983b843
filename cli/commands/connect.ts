import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { parseLimitInfo } from '@hawser/salesforce/limits.ts'
import { CommandFailure, print } from '../output.ts'
import { clientOf, globalsOf } from '../target.ts'

const WAIT_MS = 10 * 60_000
const POLL_MS = 1_000

export function addConnect(program: Command): void {
  program
    .command('connect <integration>')
    .description('opens a connect session, waits until somebody has connected, and says what was connected')
    .option('-u, --user <id>', 'the id of the user whose connection it will be', 'me')
    .option('--open', 'open the link in the browser of this machine')
    .action(async (integration: string, options: { user: string; open?: boolean }, command: Command) => {
      const globals = globalsOf(command)
      const client = clientOf(globals)
      const session = await client.createConnectSession({ end_user: { id: options.user }, allowed_integrations: [integration] })
      // With --json too: without the link nobody could connect, and the value on standard output comes afterwards.
      console.error(`Open this link within ten minutes:\n\n  ${session.connect_link}\n\nWaiting …`)
      if (options.open) openInBrowser(session.connect_link)
      const connectionId = await resultOf(client, session.token)
      const connection = await client.getConnection(integration, connectionId)
      print(globals.json, connection, await sentenceAbout(client, integration, connection))
    })
}

/** Waits until the session has a connection. A failed attempt is told, and the person may try again by the same link. */
async function resultOf(client: Client, token: string): Promise<string> {
  const deadline = Date.now() + WAIT_MS
  let told: string | undefined
  while (Date.now() < deadline) {
    const { result } = await client.getConnectSession(token)
    if (result?.outcome === 'success') return result.connection_id
    const failure = result
      ? `Not connected: ${result.error_desc}${result.diagnosis ? result.diagnosis.fix.map((step) => `\n  Do: ${step}`).join('') : ''}`
      : undefined
    if (failure && failure !== told) console.error(failure)
    told = failure
    await sleep(POLL_MS)
  }
  throw new CommandFailure('Nobody has connected within ten minutes. Start again for a new link.')
}

type Client = ReturnType<typeof clientOf>
type Connection = Awaited<ReturnType<Client['getConnection']>>

/** Name, kind of org, user, API calls left: "Connected user-1: Practice, a sandbox, as ada@…; 14,982 of 15,000 API calls left today." */
async function sentenceAbout(client: Client, integration: string, connection: Connection): Promise<string> {
  const begin = `Connected: ${connection.connection_id}`
  if (connection.connection_config['instance_url'] === undefined) return `${begin} (${connection.provider}).`
  const call = { integration, connection: connection.connection_id }
  const org = await client.get({
    ...call,
    path: '/services/data/v65.0/query',
    params: { q: 'SELECT Name, IsSandbox, TrialExpirationDate, OrganizationType FROM Organization' },
  })
  const user = await client.get({ ...call, path: '/services/oauth2/userinfo' })
  const row = (
    org.data as { records: { Name: string; IsSandbox: boolean; TrialExpirationDate: string | null; OrganizationType: string }[] }
  ).records[0]
  const limits = parseLimitInfo(org.headers.get('sforce-limit-info') ?? undefined)
  const left = limits
    ? `; ${(limits.max - limits.used).toLocaleString('en')} of ${limits.max.toLocaleString('en')} API calls left today`
    : ''
  const kind = row?.IsSandbox
    ? row.TrialExpirationDate
      ? 'a scratch org'
      : 'a sandbox'
    : row?.OrganizationType === 'Developer Edition'
      ? 'a Developer Edition org'
      : 'a production org'
  return `${begin} is "${row?.Name ?? 'an org'}", ${kind}, as ${(user.data as { preferred_username?: string }).preferred_username ?? 'an unknown user'}${left}.`
}

function openInBrowser(url: string): void {
  const command = process.platform === 'darwin' ? 'open' : process.platform === 'win32' ? 'explorer' : 'xdg-open'
  spawn(command, [url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref()
}
