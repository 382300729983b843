import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KEY_FILE, existingKeyFile, localKeyFromFile } from './local-key.ts'
import { adoptNextKey, formerKeyFile, nextKeyFile, retireKeyFile } from './next-key-file.ts'
import { followingFile, openVaultKey } from './vault-key.ts'

let dir: string
beforeEach(async () => void (dir = await mkdtemp(join(tmpdir(), 'hawser-next-key-'))))
afterEach(() => rm(dir, { recursive: true }))

describe('the next key file', () => {
  it('is the same one after an interruption, and takes the key’s place; the former one stays beside it', async () => {
    const former = await localKeyFromFile(dir)
    const next = await nextKeyFile(dir)
    expect((await nextKeyFile(dir)).provider.id).toBe(next.provider.id)
    expect((await adoptNextKey(dir, next.provider.id))?.provider.id).toBe(next.provider.id)
    expect((await localKeyFromFile(dir)).provider.id).toBe(next.provider.id)
    const old = formerKeyFile('', former.provider.id)
    expect((await readdir(dir)).sort()).toEqual([KEY_FILE, old].sort())
    expect((await existingKeyFile(dir, old))?.provider.id).toBe(former.provider.id)
    expect(await adoptNextKey(dir, next.provider.id)).toBeUndefined()
  })

  it('is adopted only when the database names it', async () => {
    const former = await localKeyFromFile(dir)
    await nextKeyFile(dir)
    expect(await adoptNextKey(dir, former.provider.id)).toBeUndefined()
    expect((await localKeyFromFile(dir)).provider.id).toBe(former.provider.id)
  })

  it('is found by a server that runs', async () => {
    const provider = followingFile(await openVaultKey({ dataDir: dir }), dir)
    const next = await nextKeyFile(dir)
    const wrapped = await next.provider.wrap(Buffer.from('key'), 'a')
    await expect(provider.unwrap(wrapped, 'a')).rejects.toThrow('the vault key is the wrong one')
    await adoptNextKey(dir, next.provider.id)
    expect((await provider.unwrap(wrapped, 'a')).toString()).toBe('key')
    expect(provider.id).toBe(next.provider.id)
  })

  it('leaves no key file where the key is in a setting from now on', async () => {
    const former = await localKeyFromFile(dir)
    await retireKeyFile(dir, former.provider.id)
    expect(await readdir(dir)).toEqual([formerKeyFile('', former.provider.id)])
  })
})
