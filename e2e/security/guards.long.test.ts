import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const HALF_AN_HOUR = 30 * 60_000

/** The runs within are runs of their own: nothing of this one's database or pool may reach them. */
const ownEnvironment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|HAWSER_TEST_)/.test(name)))

it('every guard is missed by the tests of its line when it is gone', { timeout: HALF_AN_HOUR }, async () => {
  const child = spawn(process.execPath, [join(ROOT, 'scripts/flip-guards.ts')], { cwd: ROOT, env: ownEnvironment, timeout: HALF_AN_HOUR })
  let report = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (report += chunk.toString()))
  const code = await new Promise((resolve) => child.on('close', resolve))
  expect(code, report).toBe(0)
})
