import { mkdirSync, readdirSync, rmdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { forPeople } from './for-people.mjs'

const PAUSE_MS = 200
/** A directory without a name in it: its maker was killed between two system calls. */
const NAMELESS_MS = 5_000

/**
 * Runs `work` while no other process does, by a directory that only one can make and that holds its maker's pid.
 * Waits at most `waitMs`, and one pause at least. The lock of a process that has died is taken over.
 */
export function withLock(path, work, { waitMs = 15 * 60_000, onWait = () => {} } = {}) {
  mkdirSync(dirname(path), { recursive: true })
  const deadline = Date.now() + waitMs
  for (let waited = false; !take(path); waited = true) {
    if (takeAway(path)) continue
    if (waited && Date.now() > deadline) throw forPeople(`Another process is still installing (or left ${path} behind: remove it then).`)
    if (!waited) onWait()
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
  }
  try {
    return work()
  } finally {
    removeIfThere(() => unlinkSync(join(path, String(process.pid))))
    removeIfThere(() => rmdirSync(path))
  }
}

function take(path) {
  try {
    mkdirSync(path)
    writeFileSync(join(path, String(process.pid)), '')
    return true
  } catch (error) {
    // ENOENT: taken away as nameless between the two calls.
    if (error.code === 'EEXIST' || error.code === 'ENOENT') return false
    throw error
  }
}

/**
 * Removes the lock of a dead process. The name goes first, and only one process can remove it; who comes late with the old name finds
 * neither it nor an empty directory, and so never removes a newer lock.
 */
function takeAway(path) {
  try {
    const [pid] = readdirSync(path)
    if (pid === undefined && Date.now() - statSync(path).mtimeMs < NAMELESS_MS) return false
    if (pid !== undefined) {
      if (isAlive(Number(pid))) return false
      unlinkSync(join(path, pid))
    }
    rmdirSync(path)
    return true
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTEMPTY') return true
    throw error
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function removeIfThere(remove) {
  try {
    remove()
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTEMPTY') throw error
  }
}
