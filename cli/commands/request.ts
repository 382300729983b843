import type { Command } from 'commander'
import { HawserError } from '@hawser/node'
import { clientOf, globalsOf } from '../target.ts'
import { CommandFailure, shown } from '../output.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

export function addRequest(program: Command): void {
  program
    .command('request <connection> <path>')
    .description("calls the customer's API through the proxy: hawser request user-1 /services/data/v65.0/limits")
    .option('-i, --integration <key>', 'needed when several integrations have a connection of that id')
    .option('-X, --method <method>', 'GET, POST, PUT, PATCH or DELETE', 'GET')
    .option('-d, --data <json>', 'the body, as JSON')
    .action(
      async (connection: string, path: string, options: { integration?: string; method: string; data?: string }, command: Command) => {
        const globals = globalsOf(command)
        const client = clientOf(globals)
        const method = options.method.toUpperCase()
        if (!METHODS.includes(method)) throw new CommandFailure(`--method is one of ${METHODS.join(', ')}.`)
        const answer = await client
          .proxy({
            method: method as 'GET',
            ...(await findConnection(client, connection, options.integration)),
            path,
            ...(options.data === undefined ? {} : { body: jsonOf(options.data) }),
          })
          .catch((error: unknown) => {
            // A path that leads out of the provider's API.
            throw error instanceof TypeError ? new CommandFailure(error.message) : error
          })
        const { status, data } = answer
        if (globals.json) console.log(JSON.stringify({ status, data: isFile(data) ? Buffer.from(data).toString('base64') : data }, null, 2))
        else if (isFile(data)) process.stdout.write(data)
        else console.log(shown(data))
      },
    )
}

function isFile(data: unknown): data is Uint8Array {
  return data instanceof Uint8Array
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new CommandFailure('--data is not JSON. Quote it for your shell: -d \'{"Name":"Acme"}\'')
  }
}

/** By its id, or by the id of the user whose only connection it is. */
export async function findConnection(
  client: ReturnType<typeof clientOf>,
  name: string,
  integration: string | undefined,
): Promise<{ integration: string; connection: string }> {
  const only = integration === undefined ? {} : { integrationId: integration }
  const byId = await client.listConnections({ connectionId: name, ...only }).catch((error: unknown) => {
    // A key for calls alone may not look anything up, and need not where both names are given.
    if (integration !== undefined && error instanceof HawserError && error.code === 'forbidden') return undefined
    throw error
  })
  if (byId === undefined) return { integration: integration!, connection: name }
  const connections = byId.length > 0 ? byId : await client.listConnections({ endUserId: name, ...only })
  if (connections.length === 1) return { integration: connections[0]!.provider_config_key, connection: connections[0]!.connection_id }
  if (connections.length === 0)
    throw new CommandFailure(
      `No connection is called "${name}", and no user of that id has one. Make one with: npm run hawser -- connect <integration>`,
    )
  const found = connections.slice(0, 10).map((one) => `${one.provider_config_key} / ${one.connection_id}`)
  throw new CommandFailure(`"${name}" has several connections: ${found.join(', ')}. Say which by its id and --integration.`)
}
