/**
 * Whether the tests named after the lines of `e2e/security/lines.ts` would notice that a guard is gone: copies the tree, takes one guard after the other
 * away by a small change of its source, and runs the line's tests, which must fail. `node scripts/flip-guards.ts [line or room …]`; minutes, not for
 * `npm test`.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { guards, type Guard } from './guards.ts'

const ROOT = join(import.meta.dirname, '..')
const LEFT_OUT: ReadonlySet<string> = new Set(['node_modules', '.git', '.hawser', 'dist'])
const DEADLINE_MS = 180_000

export type Verdict = 'noticed' | 'survived' | 'no such source' | 'tests fail already' | 'no end of tests'

/** With the same packages, and with workspaces of its own, so that a change in the copy counts. */
function copyOfTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'hawser-guards-'))
  cpSync(ROOT, copy, { recursive: true, filter: (path) => path === ROOT || !LEFT_OUT.has(basename(path)) })
  const packages = join(copy, 'node_modules')
  mkdirSync(packages)
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name === '@hawser') cpSync(join(ROOT, 'node_modules', name), join(packages, name), { recursive: true, verbatimSymlinks: true })
    else if (name !== '.vite' && name !== '.vitest') symlinkSync(join(ROOT, 'node_modules', name), join(packages, name))
  }
  return copy
}

function runTests(copy: string, { line, tests, named: piece }: Guard): Promise<'pass' | 'fail' | 'no end'> {
  const named = piece === undefined ? `(^| )(security )?(\\d+, )*${line}[.:,] ` : piece.replaceAll(/[.?+*()[\]{}|^$\\]/g, '\\$&')
  const vitest = join(copy, 'node_modules/vitest/vitest.mjs')
  const child = spawn(process.execPath, [vitest, 'run', ...tests, '-t', named, '--bail', '1', '--reporter', 'dot'], {
    cwd: copy,
    stdio: 'ignore',
  })
  let late = false
  const timer = setTimeout(() => {
    late = true
    child.kill('SIGKILL')
  }, DEADLINE_MS)
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve(late ? 'no end' : code === 0 ? 'pass' : 'fail')
    })
  })
}

const VERDICTS = { pass: 'survived', fail: 'noticed', 'no end': 'no end of tests' } as const

async function verdictOf(copy: string, guard: Guard): Promise<Verdict> {
  const path = join(copy, guard.file)
  const source = readFileSync(path, 'utf8')
  if (!source.includes(guard.from)) return 'no such source'
  if ((await runTests(copy, guard)) !== 'pass') return 'tests fail already'
  writeFileSync(
    path,
    source.replaceAll(guard.from, () => guard.to),
  )
  try {
    return VERDICTS[await runTests(copy, guard)]
  } finally {
    writeFileSync(path, source)
  }
}

if (process.argv[1] === import.meta.filename) {
  const lines = process.argv.slice(2)
  const chosen = guards.filter(({ line }) => lines.length === 0 || lines.includes(String(line)))
  const copy = copyOfTree()
  let bad = 0
  try {
    for (const guard of chosen) {
      const verdict = await verdictOf(copy, guard)
      if (verdict !== 'noticed') bad++
      console.log(`${String(guard.line).padStart(6)}  ${verdict.padEnd(18)}  ${guard.file}: ${guard.what}`)
    }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
  console.log(`${chosen.length - bad} of ${chosen.length} guards are noticed by their tests when they are gone`)
  process.exitCode = bad > 0 ? 1 : 0
}
