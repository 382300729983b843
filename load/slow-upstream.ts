/** The real case: providers that answer over TLS after a while, and many calls waiting for them at once. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTestCa } from '../testkit/test-ca.ts'
import { startScript, temporaryFolder } from './children.ts'
import { cpuMsOf, memoryOf } from './figures.ts'
import { measureWarm, type Load } from './measure.ts'
import type { PassThroughInput } from './pass-through.ts'
import { startProduct } from './product.ts'
import { proxiedCall } from './proxied-call.ts'
import { table, type Section } from './report.ts'
import type { UpstreamInput } from './upstream.ts'

/** Each a customer's org with a host of its own: 127.0.0.1 to 127.0.0.50. */
const ORGS = 50
const WARM_SECONDS = 12
const SECONDS = 8
/** 2,000 calls of 150 ms are 13,000 a second, which two cores do not carry in any way. The last case has as many in flight at a tenth of that. */
const CASES = [
  { inFlight: 200, afterMs: 150 },
  { inFlight: 2000, afterMs: 150 },
  { inFlight: 2000, afterMs: 1500 },
]

interface Contender {
  name: string
  /** Measured once: what lies beyond a host's connections waits, and the more there is, the longer. */
  oneOrg?: true
  load: (path: string) => Pick<Load, 'url' | 'headers' | 'inTurn'>
  pid: number
  pids: number[]
}

interface Case {
  inFlight: number
  afterMs: number
}

interface Figures extends Case {
  name: string
  perSecond: number
  addedP50Ms: number
  addedP99Ms: number
  cpuMsPerCall: number
  memoryMb: number
}

export async function measureSlowUpstream(): Promise<Section> {
  const all = await contenders()
  const figures: Figures[] = []
  for (const one of CASES) {
    const measured = []
    for (const contender of all) {
      if (contender.oneOrg && one !== CASES[0]) continue
      measured.push(await measureOne(contender, one))
    }
    const [direct] = measured
    for (const { p50Ms, p99Ms, ...rest } of measured)
      figures.push({ ...rest, addedP50Ms: p50Ms - direct!.p50Ms, addedP99Ms: p99Ms - direct!.p99Ms })
  }
  const rows = figures.map(({ inFlight, afterMs, name, perSecond, addedP50Ms, addedP99Ms, cpuMsPerCall, memoryMb }) => [
    `${inFlight} of ${afterMs} ms`,
    name,
    Math.round(perSecond),
    ...(name === 'direct' ? ['–', '–'] : [addedP50Ms, addedP99Ms].map((value) => `${value.toFixed(1)} ms`)),
    `${cpuMsPerCall.toFixed(3)} ms`,
    `${memoryMb} MB`,
  ])
  const text = `TLS, 1 KB of JSON, ${ORGS} orgs. Each answer brings the next call; ${SECONDS} s after ${WARM_SECONDS} s that do not count. Added: against the direct call.

${table(['in flight', 'what', 'requests/s', 'added p50', 'added p99', 'CPU per call', 'memory'], rows)}

"direct" is the upstream alone: CPU and memory are the upstream’s. "pass-through" and "one org" have one host; Hawser opens at most 128 connections to
a host, so calls beyond that wait for each other. Memory is that of the process at the end. The load generator takes part of the two cores.`
  return { title: 'Slow providers', text, figures }
}

async function contenders(): Promise<Contender[]> {
  const hosts = Array.from({ length: ORGS }, (_, at) => `127.0.0.${at + 1}`)
  const ca = createTestCa()
  const caFile = join(temporaryFolder(), 'ca.pem')
  writeFileSync(caFile, ca.caPem)
  const env = { NODE_EXTRA_CA_CERTS: caFile }
  const upstreamInput: UpstreamInput = { tls: ca.issue(hosts) }
  const upstream = await startScript<{ port: number }>('upstream.ts', upstreamInput)
  const origins = hosts.map((host) => `https://${host}:${upstream.ready.port}`)
  const bareInput: PassThroughInput = { origin: origins[0]!, connections: 4096 }
  const bare = await startScript<{ port: number }>('pass-through.ts', bareInput, env)
  const product = await startProduct({ upstreams: origins.map((origin) => new URL(origin).host), env })
  for (const [at, origin] of origins.entries()) await product.connect(`org-${at}`, origin)
  const at = (origin: string) => (path: string) => ({ url: origin + path, headers: {} })
  const inTurn = (path: string) => origins.map((_, org) => ({ path: `/proxy${path}`, headers: proxiedCall(product, `org-${org}`).headers }))
  const hawser = { pid: product.serverPid, pids: product.pids }
  return [
    { name: 'direct', load: at(origins[0]!), pid: upstream.pid, pids: [upstream.pid] },
    { name: 'pass-through', load: at(`http://127.0.0.1:${bare.ready.port}`), pid: bare.pid, pids: [bare.pid] },
    { name: 'Hawser', load: (path) => ({ url: product.url, headers: {}, inTurn: inTurn(path) }), ...hawser },
    {
      name: 'Hawser, one org',
      oneOrg: true,
      load: (path) => ({ url: product.url, headers: {}, inTurn: inTurn(path).slice(0, 1) }),
      ...hawser,
    },
  ]
}

async function measureOne({ name, load, pid, pids }: Contender, { inFlight, afterMs }: Case) {
  let before = 0
  const warm = { ...load(`/services/data?after=${afterMs}`), connections: inFlight, seconds: SECONDS, warmSeconds: WARM_SECONDS }
  const { calls, seconds, p50Us, p99Us } = await measureWarm(warm, () => (before = cpuMsOf(pids)))
  return {
    name,
    inFlight,
    afterMs,
    perSecond: calls / seconds,
    p50Ms: p50Us / 1000,
    p99Ms: p99Us / 1000,
    cpuMsPerCall: (cpuMsOf(pids) - before) / calls,
    memoryMb: memoryOf(pid),
  }
}
