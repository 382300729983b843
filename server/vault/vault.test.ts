import { randomBytes } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { CannotOpen } from './envelope.ts'
import { localKeyFromText } from './local-key.ts'
import type { KeyProvider } from './key-provider.ts'
import { createVault } from './vault.ts'

const newProvider = (): KeyProvider => localKeyFromText(randomBytes(32).toString('base64')).provider

/** The table of wrapped keys, with "only if none yet" as the database does it. */
const createKeyTable = () => {
  const rows = new Map<string, Buffer>()
  return {
    rows,
    loadWrappedKey: vi.fn(async (environmentId: string) => rows.get(environmentId) ?? null),
    saveWrappedKey: vi.fn(async (environmentId: string, wrapped: Buffer) => {
      if (!rows.has(environmentId)) rows.set(environmentId, wrapped)
      return rows.get(environmentId)!
    }),
  }
}

const createReadyVault = async (...environments: string[]) => {
  const table = createKeyTable()
  const keyProvider = newProvider()
  const vault = createVault({ keyProvider, ...table })
  for (const environment of environments) await vault.ready(environment)
  return { vault, table, keyProvider }
}

describe('a sealed row', () => {
  it('opens in its own row, also after a restart', async () => {
    const { vault, table, keyProvider } = await createReadyVault('prod')
    const { data_key, ciphertext } = vault.sealNew('prod', 'grant', 'row-1', 'tokens')
    expect(vault.openSealed('prod', data_key, ciphertext, 'grant', 'row-1').toString()).toBe('tokens')

    const restarted = createVault({ keyProvider, ...table })
    await restarted.ready('prod')
    expect(restarted.openSealed('prod', data_key, ciphertext, 'grant', 'row-1').toString()).toBe('tokens')
  })

  it('takes a new value under its own data key', async () => {
    const { vault } = await createReadyVault('prod')
    const { data_key, ciphertext } = vault.sealNew('prod', 'grant', 'row-1', 'old tokens')
    const next = vault.sealWith('prod', data_key, 'grant', 'row-1', 'new tokens')
    expect(vault.openSealed('prod', data_key, next, 'grant', 'row-1').toString()).toBe('new tokens')
    expect(vault.openSealed('prod', data_key, ciphertext, 'grant', 'row-1').toString()).toBe('old tokens')
  })

  it('7. does not open with the ciphertext of another row', async () => {
    const { vault } = await createReadyVault('prod')
    const one = vault.sealNew('prod', 'grant', 'row-1', 'tokens of one')
    const two = vault.sealNew('prod', 'grant', 'row-2', 'tokens of two')
    expect(() => vault.openSealed('prod', one.data_key, two.ciphertext, 'grant', 'row-1')).toThrow(CannotOpen)
  })

  it('7. does not open when ciphertext and data key were both moved to another row', async () => {
    const { vault } = await createReadyVault('prod')
    const two = vault.sealNew('prod', 'grant', 'row-2', 'tokens of two')
    expect(() => vault.openSealed('prod', two.data_key, two.ciphertext, 'grant', 'row-1')).toThrow(CannotOpen)
    expect(() => vault.sealWith('prod', two.data_key, 'grant', 'row-1', 'x')).toThrow(CannotOpen)
  })

  it('7. does not open under another label or in another environment', async () => {
    const { vault } = await createReadyVault('prod', 'dev')
    const { data_key, ciphertext } = vault.sealNew('prod', 'grant', 'row-1', 'tokens')
    expect(() => vault.openSealed('prod', data_key, ciphertext, 'oauth-client', 'row-1')).toThrow(CannotOpen)
    expect(() => vault.openSealed('dev', data_key, ciphertext, 'grant', 'row-1')).toThrow(CannotOpen)
  })

  it('7. does not take a data key for a ciphertext', async () => {
    const { vault } = await createReadyVault('prod')
    const { data_key } = vault.sealNew('prod', 'grant', 'row-1', 'tokens')
    expect(() => vault.openSealed('prod', data_key, data_key, 'grant', 'row-1')).toThrow(CannotOpen)
  })

  it('7. does not open elsewhere after it was opened in its own row', async () => {
    const { vault } = await createReadyVault('prod', 'dev')
    const one = vault.sealNew('prod', 'grant', 'row-1', 'tokens of one')
    const two = vault.sealNew('prod', 'grant', 'row-2', 'tokens of two')
    // By now the data keys of both are in memory.
    vault.openSealed('prod', one.data_key, one.ciphertext, 'grant', 'row-1')
    vault.openSealed('prod', two.data_key, two.ciphertext, 'grant', 'row-2')
    expect(() => vault.openSealed('prod', one.data_key, two.ciphertext, 'grant', 'row-1')).toThrow(CannotOpen)
    expect(() => vault.openSealed('prod', two.data_key, two.ciphertext, 'grant', 'row-1')).toThrow(CannotOpen)
    expect(() => vault.openSealed('prod', one.data_key, one.ciphertext, 'oauth-client', 'row-1')).toThrow(CannotOpen)
    expect(() => vault.openSealed('dev', one.data_key, one.ciphertext, 'grant', 'row-1')).toThrow(CannotOpen)
    expect(() => vault.sealWith('prod', two.data_key, 'grant', 'row-1', 'x')).toThrow(CannotOpen)
    expect(vault.openSealed('prod', one.data_key, one.ciphertext, 'grant', 'row-1').toString()).toBe('tokens of one')
  })

  it('is opened by its data key as it was unwrapped first, for as long as the same row is in memory', async () => {
    const { vault } = await createReadyVault('prod')
    const { data_key, ciphertext } = vault.sealNew('prod', 'grant', 'row-1', 'tokens')
    const open = (wrapped: Buffer) => vault.openSealed('prod', wrapped, ciphertext, 'grant', 'row-1').toString()
    open(data_key)
    const readAgain = Buffer.from(data_key)
    data_key.fill(0) // no longer needed
    expect(open(data_key)).toBe('tokens')
    expect(open(readAgain)).toBe('tokens')
    readAgain.fill(0)
    expect(() => open(Buffer.from(readAgain))).toThrow(CannotOpen)
  })

  it('has a label that cannot be confused with the row', async () => {
    const { vault } = await createReadyVault('prod')
    expect(() => vault.sealNew('prod', 'grant:row', '1', 'x')).toThrow('a label is')
    expect(() => vault.sealNew('prod', 'grant', '', 'x')).toThrow('row id')
  })
})

describe('an environment’s key', () => {
  it('is asked for before use', async () => {
    const { vault } = await createReadyVault()
    expect(vault.isReady('prod')).toBe(false)
    expect(() => vault.sealNew('prod', 'grant', 'row-1', 'x')).toThrow("await ready('prod') first")
    expect(() => vault.fingerprint('prod', 'x')).toThrow("await ready('prod') first")
  })

  it('is loaded once for concurrent callers, and not again', async () => {
    const { vault, table } = await createReadyVault()
    await Promise.all([vault.ready('prod'), vault.ready('prod'), vault.ready('prod')])
    await vault.ready('prod')
    expect(table.loadWrappedKey).toHaveBeenCalledTimes(1)
    expect(table.saveWrappedKey).toHaveBeenCalledTimes(1)
  })

  it('is the winner’s when two nodes make one at the same time', async () => {
    const table = createKeyTable()
    const keyProvider = newProvider()
    const [one, two] = [createVault({ keyProvider, ...table }), createVault({ keyProvider, ...table })]
    await Promise.all([one.ready('prod'), two.ready('prod')])
    const { data_key, ciphertext } = one.sealNew('prod', 'grant', 'row-1', 'tokens')
    expect(two.openSealed('prod', data_key, ciphertext, 'grant', 'row-1').toString()).toBe('tokens')
    expect(two.fingerprint('prod', 'x')).toEqual(one.fingerprint('prod', 'x'))
  })

  it('is tried again after a failure', async () => {
    const { vault, table } = await createReadyVault()
    table.loadWrappedKey.mockRejectedValueOnce(new Error('database away'))
    await expect(vault.ready('prod')).rejects.toThrow('database away')
    await expect(vault.ready('prod')).resolves.toBeUndefined()
  })

  it('7. does not open in another environment’s place', async () => {
    const { table, keyProvider } = await createReadyVault('prod', 'dev')
    table.rows.set('dev', table.rows.get('prod')!)
    await expect(createVault({ keyProvider, ...table }).ready('dev')).rejects.toThrow(CannotOpen)
  })

  it('is named when it was wrapped by another vault key', async () => {
    const { table, keyProvider } = await createReadyVault('prod')
    const other = newProvider()
    await expect(createVault({ keyProvider: other, ...table }).ready('prod')).rejects.toMatchObject({
      code: 'ERR_WRONG_VAULT_KEY',
      expected: keyProvider.id,
      found: other.id,
    })
  })

  it('leaves memory when forgotten, and when many others push it out', async () => {
    const table = createKeyTable()
    const vault = createVault({ keyProvider: newProvider(), ...table, maxEnvironments: 2 })
    for (const environment of ['a', 'b', 'c']) await vault.ready(environment)
    expect(['a', 'b', 'c'].map(vault.isReady)).toEqual([false, true, true])
    vault.forget('c')
    expect(vault.isReady('c')).toBe(false)
  })

  it('takes the data keys of its rows along when it is forgotten or pushed out', async () => {
    const table = createKeyTable()
    const vault = createVault({ keyProvider: newProvider(), ...table, maxEnvironments: 1 })
    for (const leave of [() => vault.forget('a'), () => vault.ready('b')]) {
      await vault.ready('a')
      const { data_key, ciphertext } = vault.sealNew('a', 'grant', 'row-1', 'tokens')
      const open = () => vault.openSealed('a', data_key, ciphertext, 'grant', 'row-1')
      open()
      data_key.fill(0) // from here on only the key in memory opens it
      open()
      await leave()
      expect(open).toThrow("await ready('a') first")
      await vault.ready('a')
      expect(open).toThrow(CannotOpen)
    }
  })

  it('is stored wrapped only', async () => {
    const plain: Buffer[] = []
    const real = newProvider()
    const keyProvider: KeyProvider = { ...real, wrap: (key, aad) => (plain.push(Buffer.from(key)), real.wrap(key, aad)) }
    const table = createKeyTable()
    await createVault({ keyProvider, ...table }).ready('prod')
    expect(plain).toHaveLength(1)
    expect(table.rows.get('prod')!.includes(plain[0]!)).toBe(false)
  })
})

describe('a fingerprint', () => {
  it('is the same for the same value in the same environment only', async () => {
    const { vault } = await createReadyVault('prod', 'dev')
    const print = vault.fingerprint('prod', 'refresh-token')
    expect(print).toHaveLength(32)
    expect(vault.fingerprint('prod', 'refresh-token')).toEqual(print)
    expect(vault.fingerprint('prod', 'refresh-tokem')).not.toEqual(print)
    expect(vault.fingerprint('dev', 'refresh-token')).not.toEqual(print)
  })
})
