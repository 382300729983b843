/** `npm run check`: types, lint with the import levels, format, generated files. Runs all, then says which failed. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const bin = (name: string) => join(root, 'node_modules', '.bin', name)

const checks: [name: string, command: string, args: string[], mend?: string][] = [
  ['types', bin('tsc'), ['-p', '.', '--noEmit']],
  ['types of the web apps', bin('tsc'), ['-p', 'web', '--noEmit']],
  ['lint and import levels', bin('oxlint'), ['--quiet']],
  ['format', bin('oxfmt'), ['--check', '.'], 'npm run format'],
  ['generated files', process.execPath, [join(root, 'scripts/generate.ts'), '--check'], 'npm run generate'],
]

const failed: string[] = []
for (const [name, command, args, mend] of checks) {
  const started = performance.now()
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'}  ${name} (${seconds} s)`)
  if (status === 0) continue
  failed.push(name)
  console.log(`${stdout}${stderr}`.trimEnd())
  if (mend) console.log(`Mend it with: ${mend}`)
}
process.exitCode = failed.length === 0 ? 0 : 1
