/** The Chromium of the tests of pages: the system's, or the one that `CHROMIUM_PATH` names. */
import { existsSync } from 'node:fs'

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/opt/google/chrome/chrome']
/** Undefined if there is none. */
export function findChromium(env: Record<string, string | undefined>): string | undefined {
  const named = env['CHROMIUM_PATH']
  if (named === undefined || named === '') return CANDIDATES.find((path) => existsSync(path))
  return existsSync(named) ? named : undefined
}

/** Throws, with what to do, if there is none. */
export function chromiumPath(env: Record<string, string | undefined> = process.env): string {
  const path = findChromium(env)
  if (path === undefined)
    throw new Error('No Chromium for the tests of pages: install chromium (apt-get install chromium) or set CHROMIUM_PATH.')
  return path
}
