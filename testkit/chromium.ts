/** The Chromium of the tests of pages: the system's, or the one that `CHROMIUM_PATH` names. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/opt/google/chrome/chrome']
/** Of one step of the installation: it fetches about 100 MB. */
const APT_MS = 240_000

function found(env: Record<string, string | undefined>): string | undefined {
  const named = env['CHROMIUM_PATH']
  if (named === undefined || named === '') return CANDIDATES.find((path) => existsSync(path))
  return existsSync(named) ? named : undefined
}

/** Throws, with what to do, if there is none. */
export function chromiumPath(env: Record<string, string | undefined> = process.env): string {
  const path = found(env)
  if (path === undefined)
    throw new Error('No Chromium for the tests of pages: install chromium (apt-get install chromium) or set CHROMIUM_PATH.')
  return path
}

/** Installs it with apt on a Debian machine, as root. Elsewhere it does nothing: the tests that need one say what to install. */
export function installChromium(): void {
  const root = process.getuid?.() === 0
  if (found(process.env) !== undefined || process.env['CHROMIUM_PATH'] || !root || !existsSync('/usr/bin/apt-get')) return
  process.stderr.write('Installing chromium for the tests of pages (apt-get)\n')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core']]) {
    const { status, stderr } = spawnSync('apt-get', ['-qq', ...args], { env, encoding: 'utf8', timeout: APT_MS })
    if (status !== 0) process.stderr.write(`apt-get ${args[0]} failed: ${stderr.trim().slice(-2000)}\n`)
  }
}
