import type { Command } from 'commander'
import { apiKeyOf, clientOf, globalsOf, readServerFile } from '../target.ts'
import { CommandFailure, print } from '../output.ts'
import { findConnection } from './request.ts'

export function addUse(program: Command): void {
  program
    .command('use <connection>')
    .description('prints what stock Salesforce clients (sf, jsforce) need to work through the gateway, never the real token')
    .option('-i, --integration <key>', 'needed when several integrations have a connection of that id')
    .option(
      '--gateway-key <key>',
      'the API key to put into the bearer, if not the one that looks up the connection; needs environment:proxy alone',
    )
    .option('--gateway <url>', 'the address of the gateway, if it is not on this machine')
    .action(async (id: string, options: { integration?: string; gateway?: string; gatewayKey?: string }, command: Command) => {
      const globals = globalsOf(command)
      const client = clientOf(globals)
      const found = await findConnection(client, id, options.integration)
      const connection = await client.getConnection(found.integration, found.connection)
      const gateway = (options.gateway ?? readServerFile(globals)?.gateway_url ?? 'http://localhost:3004').replace(/\/+$/, '')
      const key = options.gatewayKey ?? apiKeyOf(globals)
      if (!key.startsWith('hws_'))
        throw new CommandFailure(
          'A UUID key cannot be used at the gateway. Make one with: npm run hawser -- keys create gateway --scopes environment:proxy',
        )
      const bearer = `${key}.${connection.gateway_id}`
      // The sf CLI only takes tokens that look like Salesforce's: an org id, then "!".
      const orgId = String(connection.connection_config['org_id'] ?? '00D000000000000AAA')
      const exports = { SF_INSTANCE_URL: gateway, SF_ACCESS_TOKEN: `${orgId}!${bearer}`, SF_ORG_INSTANCE_URL: gateway }
      print(globals.json, { instance_url: gateway, access_token: bearer, sf_access_token: exports.SF_ACCESS_TOKEN }, [
        `# ${id} through the gateway. The bearer below is your own API key with the connection's gateway_id: keep it as secret as the key.`,
        ...Object.entries(exports).map(([name, value]) => `export ${name}='${value}'`),
        '',
        '# sf:      sf org login access-token --instance-url "$SF_INSTANCE_URL" --no-prompt --alias hawser',
        '# jsforce: new Connection({ instanceUrl: process.env.SF_INSTANCE_URL, accessToken: process.env.SF_ACCESS_TOKEN, version: "65.0" })',
      ])
    })
}
