/** `npm run e2e:salesforce`: installs Salesforce's own command line and libraries from their own lock file (380 MB, once), and runs the specs. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const ROOT = join(HERE, '../..')
const MINUTE_MS = 60_000

installClients()
const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
const args = ['--disable-warning=ExperimentalWarning', vitest, 'run', '--config', join(HERE, 'vitest.config.ts'), ...process.argv.slice(2)]
const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit', timeout: 20 * MINUTE_MS })
process.exit(status ?? 1)

function installClients(): void {
  const installed = join(HERE, 'node_modules/.package-lock.json')
  if (existsSync(installed) && versionsIn(installed) === versionsIn(join(HERE, 'package-lock.json'))) return
  process.stderr.write('Installing the Salesforce CLI (once)…\n')
  // `--ignore-scripts`: nobody else's code runs before the specs do.
  const options = { cwd: HERE, encoding: 'utf8', timeout: 10 * MINUTE_MS } as const
  const { status: exitCode, stdout, stderr } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], options)
  if (exitCode === 0) return
  process.stderr.write(`npm ci of e2e/salesforce failed:\n${stdout}\n${stderr}\n`)
  process.exit(1)
}

/** Every package with its version; those that are only for other systems are not installed. */
function versionsIn(lockFile: string): string {
  const { packages } = JSON.parse(readFileSync(lockFile, 'utf8')) as {
    packages: Record<string, { version?: string; integrity?: string; optional?: boolean }>
  }
  return Object.entries(packages)
    .filter(([path, { optional }]) => path !== '' && optional !== true)
    .map(([path, { version, integrity }]) => `${path} ${version} ${integrity}`)
    .toSorted()
    .join('\n')
}
