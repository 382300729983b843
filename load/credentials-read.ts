/** What it costs to read a connection with its credentials, which leaves a row in the audit each time. */
import { cpuMsOf, medianOf } from './figures.ts'
import { measure } from './measure.ts'
import { INTEGRATION, startProduct } from './product.ts'
import { table, type Section } from './report.ts'

const CUSTOMERS = 100
const CASES = [
  { name: 'one connection, 1 caller', connections: 1, customers: 1 },
  { name: 'one connection, 32 callers', connections: 32, customers: 1 },
  { name: `${CUSTOMERS} connections, 32 callers`, connections: 32, customers: CUSTOMERS },
]

export async function measureRead(seconds: number, rounds: number): Promise<Section> {
  // Nothing is called there.
  const upstream = '127.0.0.1:9'
  const product = await startProduct({ upstreams: [upstream] })
  for (let at = 0; at < CUSTOMERS; at++) await product.connect(`customer-${at}`, `http://${upstream}`)
  const requests = Array.from({ length: CUSTOMERS }, (_, at) => ({
    path: `/connections/customer-${at}?provider_config_key=${INTEGRATION}`,
    headers: product.headers,
  }))
  const load = { url: product.url, headers: {}, seconds }
  await measure({ ...load, connections: 32, inTurn: requests })
  const measured: { name: string; perSecond: number; p50Us: number; p99Us: number; serverMs: number; databaseMs: number }[] = []
  for (let round = 0; round < rounds; round++) {
    for (const { name, connections, customers } of CASES) {
      const [server, database] = product.pids.map((pid) => [pid]) as [number[], number[]]
      const before = [cpuMsOf(server), cpuMsOf(database)] as const
      const { calls, seconds: took, p50Us, p99Us } = await measure({ ...load, connections, inTurn: requests.slice(0, customers) })
      const after = [cpuMsOf(server), cpuMsOf(database)] as const
      const [serverMs, databaseMs] = [(after[0] - before[0]) / calls, (after[1] - before[1]) / calls]
      measured.push({ name, perSecond: calls / took, p50Us, p99Us, serverMs, databaseMs })
    }
  }
  const figures = CASES.map(({ name }) => {
    const own = measured.filter((one) => one.name === name)
    const median = (key: 'perSecond' | 'p50Us' | 'p99Us' | 'serverMs' | 'databaseMs'): number => medianOf(own.map((one) => one[key]))
    return {
      name,
      perSecond: median('perSecond'),
      p50Us: median('p50Us'),
      p99Us: median('p99Us'),
      serverMs: median('serverMs'),
      databaseMs: median('databaseMs'),
    }
  })
  const rows = figures.map(({ name, perSecond, p50Us, p99Us, serverMs, databaseMs }) => [
    name,
    Math.round(perSecond),
    ...[p50Us / 1000, p99Us / 1000].map((value) => `${value.toFixed(1)} ms`),
    ...[serverMs, databaseMs].map((value) => `${value.toFixed(3)} ms`),
  ])
  const text = `\`GET /connections/:id\`. Medians of ${rounds} rounds of ${seconds} s; PostgreSQL on the same machine and disk.\n\n${table(['read', 'requests/s', 'p50', 'p99', 'CPU of the server', 'CPU of PostgreSQL'], rows)}`
  return { title: 'Reading credentials', text, figures }
}
