/** Global setup of the tests of pages. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { findChromium } from './chromium.ts'

/** Of one step of the installation: it fetches about 100 MB. */
const APT_MS = 240_000

/** Installs it with apt on a Debian machine, as root. Elsewhere it does nothing: the tests that need one say what to install. */
export function setup(): void {
  const root = process.getuid?.() === 0
  if (findChromium(process.env) !== undefined || process.env['CHROMIUM_PATH'] || !root || !existsSync('/usr/bin/apt-get')) return
  process.stderr.write('Installing chromium for the tests of pages (apt-get)\n')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core']]) {
    const { status, stderr } = spawnSync('apt-get', ['-qq', ...args], { env, encoding: 'utf8', timeout: APT_MS })
    if (status !== 0) process.stderr.write(`apt-get ${args[0]} failed: ${stderr.trim().slice(-2000)}\n`)
  }
}
