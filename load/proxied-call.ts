/** What a proxied call costs, against a direct call, nginx and a bare node:http + undici pass-through in the same run. */
import { startNginx, startScript } from './children.ts'
import { cpuMsOf, medianOf } from './figures.ts'
import { measure } from './measure.ts'
import type { PassThroughInput } from './pass-through.ts'
import { freePort, INTEGRATION, startProduct, type Product } from './product.ts'
import { table, type Section } from './report.ts'

interface Contender {
  name: string
  url: string
  headers: Record<string, string>
  /** All processes of the product; their CPU time counts. */
  pids: number[]
}

export interface CallFigures {
  name: string
  connections: number
  perSecond: number
  p50Us: number
  p99Us: number
  cpuMsPerCall: number
}

const CONNECTIONS = [1, 32]
const PATH = '/services/data'

/** Of a call by this product's connection `connectionId`. */
export function proxiedCall({ url, headers }: Product, connectionId: string): { url: string; headers: Record<string, string> } {
  return { url: `${url}/proxy${PATH}`, headers: { ...headers, 'provider-config-key': INTEGRATION, 'connection-id': connectionId } }
}

/** `seconds` of each measurement, `rounds` of all of them. */
export async function measureProxiedCall(seconds: number, rounds: number): Promise<Section> {
  const all = await contenders()
  for (const contender of all) await measure({ ...contender, connections: 32, seconds: 1 })
  const measured: CallFigures[] = []
  // Interleaved: a busy minute of the machine hits all alike.
  for (let round = 0; round < rounds; round++)
    for (const connections of CONNECTIONS) for (const contender of all) measured.push(await measureOne(contender, connections, seconds))
  const figures = CONNECTIONS.flatMap((connections) => all.map(({ name }) => medians(name, connections, measured)))
  return {
    title: 'A proxied call',
    text: `Medians of ${rounds} interleaved rounds of ${seconds} s, 1 KB of JSON.\n\n${tableOf(figures)}`,
    figures,
  }
}

async function contenders(): Promise<Contender[]> {
  const upstream = await startScript<{ port: number }>('upstream.ts', {})
  const { port } = upstream.ready
  const input: PassThroughInput = { origin: `http://127.0.0.1:${port}`, connections: 128 }
  const bare = await startScript<{ port: number }>('pass-through.ts', input)
  const nginxPort = await freePort()
  const nginx = startNginx(port, nginxPort)
  const product = await startProduct({ upstreams: [`127.0.0.1:${port}`] })
  await product.connect('acme', input.origin)
  const at = (name: string, pid: number, its: number): Contender => ({
    name,
    url: `http://127.0.0.1:${its}${PATH}`,
    headers: {},
    pids: [pid],
  })
  return [
    at('direct', upstream.pid, port),
    ...(nginx ? [at('nginx', nginx.pid, nginxPort)] : []),
    at('pass-through', bare.pid, bare.ready.port),
    { name: 'Hawser', ...proxiedCall(product, 'acme'), pids: product.pids },
  ]
}

async function measureOne({ name, url, headers, pids }: Contender, connections: number, seconds: number): Promise<CallFigures> {
  const before = cpuMsOf(pids)
  const { calls, seconds: took, p50Us, p99Us } = await measure({ url, headers, connections, seconds })
  const cpuMs = cpuMsOf(pids) - before
  return { name, connections, perSecond: calls / took, p50Us, p99Us, cpuMsPerCall: cpuMs / calls }
}

function medians(name: string, connections: number, measured: readonly CallFigures[]): CallFigures {
  const own = measured.filter((one) => one.name === name && one.connections === connections)
  const median = (key: 'perSecond' | 'p50Us' | 'p99Us' | 'cpuMsPerCall'): number => medianOf(own.map((one) => one[key]))
  return {
    name,
    connections,
    perSecond: median('perSecond'),
    p50Us: median('p50Us'),
    p99Us: median('p99Us'),
    cpuMsPerCall: median('cpuMsPerCall'),
  }
}

function tableOf(figures: readonly CallFigures[]): string {
  const rows = figures.map(({ name, connections, perSecond, p50Us, p99Us, cpuMsPerCall }) => {
    const bare = figures.find((other) => other.name === 'pass-through' && other.connections === connections)!
    const ratio = (perSecond / bare.perSecond).toFixed(2)
    const ms = [p50Us / 1000, p99Us / 1000].map((value) => `${value.toFixed(2)} ms`)
    return [connections, name, Math.round(perSecond), ratio, ...ms, `${cpuMsPerCall.toFixed(3)} ms`]
  })
  return `${table(['connections', 'what', 'requests/s', 'against pass-through', 'p50', 'p99', 'CPU per call'], rows)}

"direct" is the upstream alone; its CPU is the upstream’s. "pass-through" is node:http and undici with nothing else. Hawser’s CPU is that of the
server and of its PostgreSQL.`
}
