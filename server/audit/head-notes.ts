import { mkdir, readdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NamedHead } from './anchors.ts'

const SUFFIX = '.head'
const MOST_READ = 1_000
const KEPT_MS = 7 * 86_400_000

export interface HeadNotes {
  /** Writes what changed; the last writer of a chain wins. Errors of the disk are the caller's to log. */
  write(heads: readonly NamedHead[]): Promise<void>
  /** What this and earlier processes on the folder noted. */
  read(): Promise<NamedHead[]>
  remove(chain: string): Promise<void>
  /** Removes notes that nobody has touched for a week: by then other chains hold those ends. */
  sweep(nowMs: number): Promise<void>
}

/**
 * The ends of this node's chains, in small files of the data directory: rows that are cut off the end of the database's only chain while nothing
 * runs would else be missed by nobody. Not synced to disk: a power cut may take back the last second.
 */
export function createHeadNotes(folder: string): HeadNotes {
  const written = new Map<string, number>()
  const fileOf = (chain: string) => join(folder, `${chain}${SUFFIX}`)
  const names = async () => (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(SUFFIX)).sort()

  return {
    async write(heads) {
      const moved = heads.filter(({ chain, seq }) => written.get(chain) !== seq)
      if (moved.length === 0) return
      await mkdir(folder, { recursive: true, mode: 0o700 })
      for (const { chain, seq, hash } of moved) {
        await writeFile(`${fileOf(chain)}.part`, JSON.stringify({ chain, seq, hash: hash.toString('hex') }), { mode: 0o600 })
        await rename(`${fileOf(chain)}.part`, fileOf(chain))
        written.set(chain, seq)
      }
    },
    async read() {
      const texts = await Promise.all((await names()).slice(-MOST_READ).map((name) => readFile(join(folder, name), 'utf8').catch(() => '')))
      return texts.map(parseNote).filter((head) => head !== undefined)
    },
    async remove(chain) {
      written.delete(chain)
      await unlink(fileOf(chain)).catch(() => {})
    },
    async sweep(nowMs) {
      for (const name of await names()) {
        const found = await stat(join(folder, name)).catch(() => undefined)
        if (found && nowMs - found.mtimeMs > KEPT_MS) await unlink(join(folder, name)).catch(() => {})
      }
    },
  }
}

function parseNote(text: string): NamedHead | undefined {
  try {
    const { chain, seq, hash } = JSON.parse(text) as { chain: string; seq: number; hash: string }
    if (!/^[0-9a-f-]{36}$/.test(chain) || !Number.isSafeInteger(seq) || !/^[0-9a-f]{64}$/.test(hash)) return undefined
    return { chain, seq, hash: Buffer.from(hash, 'hex') }
  } catch {
    return undefined
  }
}
