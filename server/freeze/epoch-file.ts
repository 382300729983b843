/** What a data directory remembers of its database, so that a database that was restored or copied does not pass for the one it was. */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { randomBytes } from 'node:crypto'
import { syncDirectory } from '#vault/sync-directory.ts'

const FILE = 'epoch'

const content = z.object({ epoch: z.uuid(), generation: z.int().nonnegative() })

/** The database's state when this directory saw it last. */
export type SeenVault = z.output<typeof content>

/** Undefined where no server has served from this directory yet. Throws for a file that is no such file: guessing could end live grants. */
export async function readEpochFile(dataDir: string): Promise<SeenVault | undefined> {
  const path = join(dataDir, FILE)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const read = content.safeParse(parsed(text))
  if (!read.success) throw new Error(`${path} cannot be read as what it should be; remove it, and say what holds by: hawser vault join`)
  return read.data
}

/** Whole or not at all, and on disk when it returns. */
export async function writeEpochFile(dataDir: string, { epoch, generation }: SeenVault): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const part = join(dataDir, `.epoch.${randomBytes(6).toString('hex')}`)
  const file = await open(part, 'wx', 0o600)
  try {
    await file.writeFile(`${JSON.stringify({ epoch, generation })}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(part, join(dataDir, FILE))
  await syncDirectory(dataDir)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
