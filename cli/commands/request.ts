import type { Command } from 'commander'
import { clientOf, globalsOf } from '../target.ts'
import { CommandFailure } from '../output.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

export function addRequest(program: Command): void {
  program
    .command('request <connection> <path>')
    .description("calls the customer's API through the proxy: hawser request user-1 /services/data/v65.0/limits")
    .option('-i, --integration <key>', 'needed when several integrations have a connection of that id')
    .option('-X, --method <method>', 'GET, POST, PUT, PATCH or DELETE', 'GET')
    .option('-d, --data <json>', 'the body, as JSON')
    .action(async (connection: string, path: string, options: { integration?: string; method: string; data?: string }, command: Command) => {
      const globals = globalsOf(command)
      const client = clientOf(globals)
      const method = options.method.toUpperCase()
      if (!METHODS.includes(method)) throw new CommandFailure(`--method is one of ${METHODS.join(', ')}.`)
      const answer = await client.proxy({
        method: method as 'GET',
        integration: options.integration ?? (await integrationOf(client, connection)),
        connection,
        path,
        ...(options.data === undefined ? {} : { body: jsonOf(options.data) }),
      })
      if (globals.json) console.log(JSON.stringify({ status: answer.status, data: answer.data }, null, 2))
      else console.log(typeof answer.data === 'string' ? answer.data : JSON.stringify(answer.data, null, 2))
    })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new CommandFailure('--data is not JSON. Quote it for your shell: -d \'{"Name":"Acme"}\'')
  }
}

/** The one integration that has a connection of this id. */
export async function integrationOf(client: ReturnType<typeof clientOf>, connection: string): Promise<string> {
  const { connections } = await client.listConnections({ connectionId: connection })
  const keys = [...new Set(connections.map((found) => found.provider_config_key))]
  if (keys.length === 1) return keys[0]!
  if (keys.length === 0) throw new CommandFailure(`No connection is called "${connection}". Make one with: npm run hawser -- connect <integration>`)
  throw new CommandFailure(`Several integrations have a connection "${connection}" (${keys.join(', ')}): say which with --integration.`)
}
