import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newDataKey } from './envelope.ts'
import type { Spool } from './spool.ts'
import { SpoolUnwritable, createSpool } from './spool.ts'

const HOUR = 3_600_000
const GRANT = '01890a5d-ac96-774b-bcce-b302099a8057'
const tokens = Buffer.from('sealed tokens')

let root: string
let dir: string
let key: Buffer
let spool: Spool
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'hawser-spool-'))
  dir = join(root, 'spool')
  key = newDataKey()
  spool = createSpool(dir, key)
})
afterEach(() => rm(root, { recursive: true }))

describe('an entry', () => {
  it('26. is there after a restart', async () => {
    const id = await spool.put({ grantId: GRANT, version: 7, sealed: tokens })
    const restarted = createSpool(dir, key)
    expect(await restarted.list()).toEqual([{ id, grantId: GRANT, version: 7, committedAt: null }])
    expect(await restarted.read(id)).toEqual(tokens)
  })

  it('6. is encrypted on disk, for its owner only', async () => {
    await spool.put({ grantId: GRANT, version: 7, sealed: tokens })
    const [fileName] = await readdir(dir)
    const path = join(dir, fileName!)
    expect((await readFile(path)).includes(tokens)).toBe(false)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(dir)).mode & 0o777).toBe(0o700)
  })

  it('does not replace another of the same grant and version', async () => {
    const first = await spool.put({ grantId: GRANT, version: 7, sealed: tokens })
    const second = await spool.put({ grantId: GRANT, version: 7, sealed: Buffer.from('of a late answer') })
    expect(await spool.read(first)).toEqual(tokens)
    expect((await spool.read(second))?.toString()).toBe('of a late answer')
  })

  it('stays for 24 hours after its commit, and without one for ever', async () => {
    const committed = await spool.put({ grantId: GRANT, version: 7, sealed: tokens })
    const open = await spool.put({ grantId: 'other', version: 1, sealed: tokens })
    await spool.markCommitted(committed, 1_000)
    expect(await spool.list()).toContainEqual({ id: committed, grantId: GRANT, version: 7, committedAt: 1_000 })
    expect(await spool.read(committed)).toEqual(tokens)
    expect(await spool.sweep(1_000 + 24 * HOUR - 1)).toBe(0)
    expect(await spool.sweep(1_000 + 24 * HOUR)).toBe(1)
    expect((await spool.list()).map(({ id }) => id)).toEqual([open])
    expect(await spool.read(committed)).toBeNull()
  })

  it('goes when a later version of its grant was committed, and not before', async () => {
    const old = await spool.put({ grantId: GRANT, version: 7, sealed: tokens })
    const next = await spool.put({ grantId: GRANT, version: 8, sealed: tokens })
    const other = await spool.put({ grantId: 'other', version: 1, sealed: tokens })
    await spool.markCommitted(old, 1_000)
    expect(await spool.sweep(2_000)).toBe(0)
    await spool.markCommitted(next, 2_000)
    expect(await spool.sweep(2_000)).toBe(1)
    expect((await spool.list()).map(({ id }) => id).sort()).toEqual([next, other].sort())
  })

  it('may be marked twice, or after it has gone', async () => {
    const id = await spool.put({ grantId: GRANT, version: 7, sealed: tokens })
    await spool.markCommitted(id, 1_000)
    await spool.markCommitted(id, 9_000)
    expect(await spool.list()).toMatchObject([{ committedAt: 1_000 }])
    await spool.discard(id)
    await spool.discard(id)
    await spool.markCommitted(id, 9_000)
    expect(await spool.list()).toEqual([])
  })

  it.each(['../../etc/passwd', 'a/b', '', 'a.b', 'x'.repeat(65)])('has no path in its grant id: %j', async (grantId) => {
    await expect(spool.put({ grantId, version: 1, sealed: tokens })).rejects.toThrow('a grant id is')
  })

  it('has an id that is no path when it is read', async () => {
    await writeFile(join(root, 'secret.spool'), 'x')
    expect(await spool.read('../secret' as never)).toBeNull()
    await spool.markCommitted('../secret' as never, 1)
    expect(await readdir(root)).toContain('secret.spool')
  })
})

describe('after a kill', () => {
  it('26. a half-written entry is ignored, and swept when it is old', async () => {
    const id = await spool.put({ grantId: GRANT, version: 7, sealed: tokens })
    const part = join(dir, '.00112233445566ff.part')
    await writeFile(part, 'half of an ent')
    const writtenAt = 1_000_000
    await utimes(part, writtenAt, writtenAt)
    expect((await spool.list()).map((entry) => entry.id)).toEqual([id])
    await spool.sweep(writtenAt * 1000 + 9 * 60_000)
    expect(await readdir(dir)).toContain('.00112233445566ff.part')
    await spool.sweep(writtenAt * 1000 + 11 * 60_000)
    expect(await readdir(dir)).toEqual([`${id}.spool`])
  })

  it('a damaged, renamed or foreign file reads as nothing', async () => {
    const id = await spool.put({ grantId: GRANT, version: 7, sealed: tokens })
    const content = await readFile(join(dir, `${id}.spool`))
    await writeFile(join(dir, `${GRANT}.8.ab.spool`), content)
    expect(await spool.read(`${GRANT}.8.ab` as never)).toBeNull()
    expect(await createSpool(dir, newDataKey()).read(id)).toBeNull()
    await truncate(join(dir, `${id}.spool`), content.length - 1)
    expect(await spool.read(id)).toBeNull()
    await writeFile(join(dir, 'README'), 'not ours')
    expect(await spool.list()).toHaveLength(2)
    await spool.sweep(Number.MAX_SAFE_INTEGER)
    expect(await readdir(dir)).toContain('README')
  })
})

describe('a spool that cannot be written', () => {
  it('says so, and loses nothing silently', async () => {
    await writeFile(dir, 'a file where the directory should be')
    expect(await spool.writable()).toBe(false)
    await expect(spool.put({ grantId: GRANT, version: 1, sealed: tokens })).rejects.toThrow(SpoolUnwritable)
  })

  it('writes again when its directory was lost, and leaves no trace of asking', async () => {
    await spool.put({ grantId: GRANT, version: 1, sealed: tokens })
    await rm(dir, { recursive: true })
    expect(await spool.writable()).toBe(true)
    expect(await readdir(dir)).toEqual([])
  })

  it('20. is bounded in entries and in their size', async () => {
    const small = createSpool(dir, key, { maxEntries: 2, maxEntryBytes: 100 })
    await expect(small.put({ grantId: GRANT, version: 1, sealed: randomBytes(101) })).rejects.toMatchObject({ reason: 'too_large' })
    const id = await small.put({ grantId: GRANT, version: 1, sealed: randomBytes(100) })
    await small.put({ grantId: GRANT, version: 2, sealed: tokens })
    await expect(small.put({ grantId: GRANT, version: 3, sealed: tokens })).rejects.toMatchObject({ reason: 'full' })
    expect(await small.writable()).toBe(false)
    await small.discard(id)
    expect(await small.writable()).toBe(true)
    await small.put({ grantId: GRANT, version: 3, sealed: tokens })
  })
})
