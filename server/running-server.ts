/** The server that runs on a data directory, by the file it leaves there for the command line. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export const SERVER_FILE = 'server.json'
const ANSWER_MS = 1_000

/** Undefined unless its process lives and its address answers: either alone may be somebody else by now. */
export async function runningServer(dataDir: string): Promise<{ pid: number; url: string } | undefined> {
  try {
    const { pid, url } = JSON.parse(await readFile(join(dataDir, SERVER_FILE), 'utf8')) as { pid: number; url: string }
    if (pid === process.pid) return undefined
    process.kill(pid, 0)
    const { ok } = await fetch(`${url}/health`, { signal: AbortSignal.timeout(ANSWER_MS) })
    return ok ? { pid, url } : undefined
  } catch {
    return undefined
  }
}
