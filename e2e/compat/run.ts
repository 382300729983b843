/**
 * `npm run e2e:compat`: installs the stock clients from their own lock file, a Chromium where that is possible, and runs the specs.
 * The last line is `N passed, N failed`, and `, N skipped` where there is no browser.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CHROMIUM } from './stock-clients.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const ROOT = join(HERE, '../..')
const MINUTE_MS = 60_000

installClients()
const reason = existsSync(CHROMIUM) ? undefined : installChromium()
if (reason !== undefined) {
  say(`No Chromium: ${reason}`)
  if (process.env['CI'] === 'true') process.exit(1)
  say('The specs of the browser client are skipped.')
}
const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
const args = ['--disable-warning=ExperimentalWarning', vitest, 'run', '--config', join(HERE, 'vitest.config.ts'), ...process.argv.slice(2)]
const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit', timeout: 20 * MINUTE_MS })
process.exit(status ?? 1)

function installClients(): void {
  const installed = join(HERE, 'node_modules/.package-lock.json')
  if (existsSync(installed) && versionsIn(installed) === versionsIn(join(HERE, 'package-lock.json'))) return
  say('Installing the stock clients (once)…')
  // `--ignore-scripts`: nobody else's code runs before the specs do.
  quietly('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], 'npm ci of e2e/compat')
}

function versionsIn(lockFile: string): string {
  const { packages } = JSON.parse(readFileSync(lockFile, 'utf8')) as { packages: Record<string, { version?: string; integrity?: string }> }
  return Object.entries(packages)
    .filter(([path]) => path !== '')
    .map(([path, { version, integrity }]) => `${path} ${version} ${integrity}`)
    .toSorted()
    .join('\n')
}

/** Returns why it could not; undefined when it is there. */
function installChromium(): string | undefined {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) return `${CHROMIUM} is missing, and this is no Debian`
  if (process.getuid?.() !== 0) return `${CHROMIUM} is missing; install it with: sudo apt-get install chromium`
  say('Installing Chromium (once)…')
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', 'chromium'],
  ]) {
    const { status, stderr } = spawnSync('apt-get', args, { encoding: 'utf8', env: environment, timeout: 10 * MINUTE_MS })
    if (status !== 0) return `apt-get ${args[0]} failed: ${stderr.trim().slice(-500)}`
  }
  return existsSync(CHROMIUM) ? undefined : `apt-get has installed no ${CHROMIUM}`
}

function quietly(command: string, args: string[], what: string): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: HERE, encoding: 'utf8', timeout: 5 * MINUTE_MS })
  if (status === 0) return
  say(`${what} failed:\n${stdout}\n${stderr}`)
  process.exit(1)
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
