/** How long `hawser start` takes until an application gets its first answer. */
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { newSecretKey } from '../server/accounts/secret-key.ts'
import { startProgram } from './children.ts'
import { medianOf } from './figures.ts'
import { freePort, newDataDir } from './product.ts'
import { table, type Section } from './report.ts'

const CLI = join(import.meta.dirname, '../cli/main.ts')
const ASK_EVERY_MS = 5
const LONGEST_MS = 60_000

export async function measureStart(rounds: number): Promise<Section> {
  const empty: number[] = []
  const existing: number[] = []
  for (let round = 0; round < rounds; round++) {
    const dataDir = newDataDir()
    empty.push(await startOnce(dataDir))
    existing.push(await startOnce(dataDir))
  }
  const figures = { emptyMs: medianOf(empty), existingMs: medianOf(existing) }
  const rows = [
    ['on an empty data directory', `${Math.round(figures.emptyMs)} ms`],
    ['on existing data', `${Math.round(figures.existingMs)} ms`],
  ]
  const text = `\`start --dev --no-practice-org\` with the embedded PostgreSQL, until \`GET /integrations\` with a key is answered. Medians of ${rounds}.\n\n${table(['start', 'first answer after'], rows)}`
  return { title: 'Start', text, figures }
}

async function startOnce(dataDir: string): Promise<number> {
  const [port, gatewayPort] = [await freePort(), await freePort()]
  const key = newSecretKey('dev')
  const startedAt = performance.now()
  const args = ['--disable-warning=ExperimentalWarning', CLI, 'start', '--dev', '--no-practice-org', '--data-dir', dataDir]
  const server = startProgram(process.execPath, [...args, '--port', String(port), '--gateway-port', String(gatewayPort)], {
    HAWSER_SECRET_KEY_DEV: key,
  })
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/integrations`, { headers: { authorization: `Bearer ${key}` } }).catch(
      () => undefined,
    )
    if (answer?.ok) break
    const waitedMs = performance.now() - startedAt
    if (waitedMs > LONGEST_MS) throw new Error(`no answer after ${LONGEST_MS / 1000} s, but ${answer?.status ?? 'no connection'}`)
    await sleep(ASK_EVERY_MS)
  }
  const took = performance.now() - startedAt
  await server.end()
  return took
}
