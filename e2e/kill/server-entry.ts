/** The real server as a child process of a test: composed as always, with a clock that is moved and fault points that are armed by its parent. */
import { tmpdir } from 'node:os'
import { installFaultPoints } from './fault-points.ts'
import { answerParent, type ServerLife } from './child-talk.ts'
import { compose } from '../../server/compose.ts'
import { readConfig } from '../../server/config.ts'
import { openStore } from '../../server/open-store.ts'
import { createLogger } from '../../server/telemetry/log.ts'

const life = JSON.parse(process.argv[2] ?? '{}') as ServerLife
let offsetMs = life.clockOffsetMs
const read = readConfig({ env: life.env, dev: true, cwd: tmpdir() })
if (!read.ok) throw new Error(read.problems.join('\n'))

const store = await openStore(read.config, { clockOffsetMs: offsetMs })
const points = installFaultPoints(store.db.pool)
const server = await compose({
  config: read.config,
  store,
  log: createLogger({ level: read.config.logLevel, pretty: false, write: (line) => void process.stderr.write(line) }),
  clock: { now: () => Date.now() + offsetMs },
  connector: (hostPort) =>
    hostPort.endsWith('.salesforce.com:443') ? { host: '127.0.0.1', port: life.providerPort, ca: life.providerCa } : undefined,
})
await server.listen()

answerParent({
  arm: points.arm,
  moveClock(ms) {
    offsetMs += ms
    store.db.setClockOffset(offsetMs)
  },
})
