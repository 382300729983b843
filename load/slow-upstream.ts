/** The real case: providers that answer over TLS after 150 ms, and many calls waiting for them at once. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTestCa } from '../testkit/test-ca.ts'
import { startScript, temporaryFolder } from './children.ts'
import { cpuMsOf, memoryOf } from './figures.ts'
import { measure, type Load } from './measure.ts'
import type { PassThroughInput } from './pass-through.ts'
import { startProduct } from './product.ts'
import { proxiedCall } from './proxied-call.ts'
import { table, type Section } from './report.ts'
import type { UpstreamInput } from './upstream.ts'

const DELAY_MS = 150
/** Each a customer's org with a host of its own: 127.0.0.1 to 127.0.0.50. */
const ORGS = 50
const WARM_SECONDS = 6
const SECONDS = 8

interface Contender {
  name: string
  load: Pick<Load, 'url' | 'headers' | 'inTurn'>
  pid: number
  pids: number[]
}

interface Figures {
  name: string
  inFlight: number
  perSecond: number
  addedP50Ms: number
  addedP99Ms: number
  cpuMsPerCall: number
  memoryMb: number
}

export async function measureSlowUpstream(): Promise<Section> {
  const [direct, ...others] = await contenders()
  const figures: Figures[] = []
  for (const inFlight of [200, 2000]) {
    const bare = await measureOne(direct!, inFlight, 0, 0)
    figures.push({ ...bare, addedP50Ms: 0, addedP99Ms: 0 })
    for (const contender of others) {
      if (contender.name.endsWith('one org') && inFlight < 2000) continue
      figures.push(await measureOne(contender, inFlight, bare.addedP50Ms, bare.addedP99Ms))
    }
  }
  const rows = figures.map(({ inFlight, name, perSecond, addedP50Ms, addedP99Ms, cpuMsPerCall, memoryMb }) => [
    inFlight,
    name,
    Math.round(perSecond),
    ...(name === 'direct' ? ['–', '–'] : [addedP50Ms, addedP99Ms].map((value) => `${value.toFixed(0)} ms`)),
    `${cpuMsPerCall.toFixed(3)} ms`,
    `${memoryMb} MB`,
  ])
  const text = `TLS, 1 KB of JSON after ${DELAY_MS} ms, ${ORGS} orgs. All that could be sent is sent at once: each answer brings the next call, ${SECONDS} s.
Added: against the direct call with as many in flight.

${table(['in flight', 'what', 'requests/s', 'added p50', 'added p99', 'CPU per call', 'memory'], rows)}

"direct" is the upstream alone: CPU and memory are the upstream’s. "pass-through" and "one org" have one host; Hawser opens at most 128 connections to
a host, so 2,000 calls for one org wait for each other.`
  return { title: 'Slow providers', text, figures }
}

async function contenders(): Promise<Contender[]> {
  const hosts = Array.from({ length: ORGS }, (_, at) => `127.0.0.${at + 1}`)
  const ca = createTestCa()
  const caFile = join(temporaryFolder(), 'ca.pem')
  writeFileSync(caFile, ca.caPem)
  const env = { NODE_EXTRA_CA_CERTS: caFile }
  const upstreamInput: UpstreamInput = { delayMs: DELAY_MS, tls: ca.issue(hosts) }
  const upstream = await startScript<{ port: number }>('upstream.ts', upstreamInput)
  const origins = hosts.map((host) => `https://${host}:${upstream.ready.port}`)
  const bareInput: PassThroughInput = { origin: origins[0]!, connections: 4096 }
  const bare = await startScript<{ port: number }>('pass-through.ts', bareInput, env)
  const product = await startProduct({ upstreams: origins.map((origin) => new URL(origin).host), env })
  for (const [at, origin] of origins.entries()) await product.connect(`org-${at}`, origin)
  const inTurn = origins.map((_, at) => ({ path: '/proxy/services/data', headers: proxiedCall(product, `org-${at}`).headers }))
  const hawser = { pid: product.serverPid, pids: product.pids }
  return [
    { name: 'direct', load: { url: `${origins[0]}/services/data`, headers: {} }, pid: upstream.pid, pids: [upstream.pid] },
    {
      name: 'pass-through',
      load: { url: `http://127.0.0.1:${bare.ready.port}/services/data`, headers: {} },
      pid: bare.pid,
      pids: [bare.pid],
    },
    { name: 'Hawser', load: { url: product.url, headers: {}, inTurn }, ...hawser },
    { name: 'Hawser, one org', load: proxiedCall(product, 'org-0'), ...hawser },
  ]
}

/** The first seconds, in which connections are opened, do not count. */
async function measureOne({ name, load, pid, pids }: Contender, inFlight: number, p50Ms: number, p99Ms: number): Promise<Figures> {
  await measure({ ...load, connections: inFlight, seconds: WARM_SECONDS })
  const before = cpuMsOf(pids)
  const { calls, seconds, p50Us, p99Us } = await measure({ ...load, connections: inFlight, seconds: SECONDS })
  return {
    name,
    inFlight,
    perSecond: calls / seconds,
    addedP50Ms: p50Us / 1000 - p50Ms,
    addedP99Ms: p99Us / 1000 - p99Ms,
    cpuMsPerCall: (cpuMsOf(pids) - before) / calls,
    memoryMb: memoryOf(pid).peakMb,
  }
}
