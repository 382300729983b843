import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, expect, it } from 'vitest'
import { stopEmbeddedPostgres } from '#db/embedded-postgres.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'hawser-start-'))
afterAll(async () => {
  await stopEmbeddedPostgres(dataDir)
  rmSync(dataDir, { recursive: true, force: true })
})

// Ports of this file alone, below the range of outgoing calls and apart from those of testkit/test-server.ts.
const PORTS = ['--port', '19851', '--gateway-port', '19852']

it('security 30: a signal, and a second one at once as service managers send it, stop everything in order', async () => {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'cli/main.ts', 'start', '--dev', '--no-practice-org', '--data-dir', dataDir, ...PORTS],
    { cwd: join(import.meta.dirname, '../..'), stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const printed: string[] = []
  for await (const line of createInterface(child.stdout)) {
    printed.push(line)
    if (line.includes('Something wrong?')) break
  }
  expect(printed[0]).toMatch(/^Hawser is ready \(/)
  expect(printed.length).toBeLessThan(25)
  expect(await (await fetch('http://localhost:19851/ready')).json()).toEqual({ result: 'ok', vault: 'live' })
  expect(existsSync(join(dataDir, 'postgres/postmaster.pid'))).toBe(true)

  // Two different ones: equal signals that wait are delivered as one.
  child.kill('SIGINT')
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(existsSync(join(dataDir, 'server.json'))).toBe(false)
  expect(existsSync(join(dataDir, 'postgres/postmaster.pid'))).toBe(false)
}, 60_000)
