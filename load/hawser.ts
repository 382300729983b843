/**
 * Hawser for the benchmark, as it is: store with the embedded PostgreSQL, all slices, both ports. Beside what `cli/main.ts start` does stands only a
 * catalogue entry whose API is the benchmark's upstream.
 */
import { compose } from '../server/compose.ts'
import { readConfig } from '../server/config.ts'
import { openStore } from '../server/open-store.ts'
import { createLogger } from '../server/telemetry/log.ts'
import { untilTold } from './until-told.ts'

export interface HawserInput {
  /** `host:port` of each upstream; a connection names its own in `instance_url`. */
  upstreams: string[]
}

export interface HawserReady {
  databaseUrl: string
}

export const PROVIDER = 'bench'

const { upstreams }: HawserInput = JSON.parse(process.argv[2] ?? '{}')
const read = readConfig({ env: process.env, dev: true, cwd: process.cwd() })
if (!read.ok) throw new Error(read.problems.join('\n'))
const { config } = read
const store = await openStore(config)
const server = await compose({
  config,
  store,
  log: createLogger({ level: 'warn', write: (line) => void process.stderr.write(line) }),
  inMemoryProviders: {
    [PROVIDER]: {
      display_name: 'Bench',
      auth_mode: 'OAUTH2',
      docs: 'https://example.com',
      authorization_url: 'https://example.com/authorize',
      token_url: 'https://example.com/token',
      allowed_hosts: upstreams,
      proxy: { base_url: '${connectionConfig.instance_url}' },
    },
  },
})
await server.listen()
const ready: HawserReady = { databaseUrl: store.url }
console.log(JSON.stringify(ready))
untilTold(async () => {
  await server.close()
  await store.close()
})
