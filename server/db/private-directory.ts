import { chownSync, lstatSync, mkdirSync, type Stats } from 'node:fs'
import { userInfo } from 'node:os'

/** Numeric ids of an operating system account. */
export interface Owner {
  uid: number
  gid: number
}

/**
 * Makes `path` a directory (0700) that belongs to `owner`, or to this process's user.
 * Throws if something else stands there already: in a shared temp directory anybody can put a directory or link of that name
 * first, and would then read, or answer in place of, the database.
 */
export function privateDirectory(path: string, owner: Owner | undefined): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  let found = lstatSync(path)
  // Root made it a moment ago, here or in a process that starts beside this one.
  if (owner && found.isDirectory() && found.uid === 0 && (found.mode & 0o077) === 0) {
    chownSync(path, owner.uid, owner.gid)
    found = lstatSync(path)
  }
  const fault = faultOf(found, owner?.uid ?? userInfo().uid)
  if (fault) throw new Error(`${path} ${fault}: remove it, or set TMPDIR to a directory of your own`)
}

function faultOf(found: Stats, uid: number): string | undefined {
  if (!found.isDirectory()) return 'is not a directory'
  if (found.uid !== uid) return `belongs to another user (uid ${found.uid})`
  if ((found.mode & 0o077) !== 0) return `is open to other users (mode ${(found.mode & 0o777).toString(8)})`
  return undefined
}
