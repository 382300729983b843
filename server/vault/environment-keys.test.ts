import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readDataKey, writeDataKey } from './generation.ts'
import { newDataKey } from './envelope.ts'
import { environmentKeyAad } from './environment-keys.ts'
import { readKeyring, writeKeyring } from './keyring.ts'
import { localKeyFromText } from './local-key.ts'
import { createVault } from './vault.ts'

const createWorld = async () => {
  const { provider } = localKeyFromText(randomBytes(32).toString('base64'))
  let stored: Buffer | undefined
  const state = { nowMs: 0, asked: 0, answer: async (): Promise<Buffer | null> => stored ?? null }
  const vault = createVault({
    keyProvider: provider,
    loadWrappedKey: () => (state.asked++, state.answer()),
    saveWrappedKey: async (_id, wrapped) => (stored = wrapped),
    now: () => state.nowMs,
  })
  await vault.ready('prod')
  const addKey = async (generation: number, current: number) => {
    const keyring = readKeyring(await provider.unwrap(stored!, environmentKeyAad('prod')))
    keyring.keys.set(generation, keyring.keys.get(generation) ?? newDataKey())
    stored = await provider.wrap(writeKeyring({ ...keyring, current }), environmentKeyAad('prod'))
  }
  return { vault, state, addKey, normal: state.answer }
}
const generationOf = (data_key: Buffer) => readDataKey(data_key).generation

describe('keys in memory', () => {
  it('are asked for again once in ten seconds of use, in the background', async () => {
    const { vault, state } = await createWorld()
    for (state.nowMs = 0; state.nowMs < 60_000; state.nowMs += 100) {
      expect(vault.isReady('prod')).toBe(true)
      await Promise.resolve().then(() => {})
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(state.asked).toBeGreaterThanOrEqual(5)
    expect(state.asked).toBeLessThanOrEqual(7)
  })

  it('are not used after half a minute without an answer, if one can be had: a key that was announced is known then', async () => {
    const { vault, state, addKey } = await createWorld()
    const before = vault.sealNew('prod', 'grant', 'row', 'old')
    await addKey(2, 2)
    expect(generationOf(vault.sealNew('prod', 'grant', 'row', 'x').data_key)).toBe(1)
    state.nowMs = 30_001
    expect(vault.isReady('prod')).toBe(false)
    await vault.ready('prod')
    const after = vault.sealNew('prod', 'grant', 'row', 'new')
    expect(generationOf(after.data_key)).toBe(2)
    expect(vault.openSealed('prod', after.data_key, after.ciphertext, 'grant', 'row').toString()).toBe('new')
    expect(vault.openSealed('prod', before.data_key, before.ciphertext, 'grant', 'row').toString()).toBe('old')
    expect(vault.fingerprint('prod', 'x')).toEqual(vault.fingerprint('prod', 'x'))
  })

  it('30. go on while the database is away: a question without an answer is waited for once, and a failed one not at all', async () => {
    const { vault, state, normal } = await createWorld()
    const row = vault.sealNew('prod', 'grant', 'row', 'tokens')
    state.answer = () => new Promise(() => {})
    state.nowMs = 40_000
    expect(vault.isReady('prod')).toBe(false)
    await vault.ready('prod') // at most a second
    for (const nowMs of [41_000, 60_000, 500_000]) {
      state.nowMs = nowMs
      expect(vault.isReady('prod')).toBe(true)
      expect(vault.openSealed('prod', row.data_key, row.ciphertext, 'grant', 'row').toString()).toBe('tokens')
    }
    const { vault: other, state: failing } = await createWorld()
    failing.answer = () => Promise.reject(new Error('database away'))
    failing.nowMs = 40_000
    await other.ready('prod')
    expect(other.isReady('prod')).toBe(true)
    failing.answer = normal
  })
})

describe('the formats', () => {
  it('of data keys tell the generation, and keep the first one’s as it was', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 - 1 }), fc.uint8Array({ minLength: 60, maxLength: 60 }), (generation, bytes) => {
        const sealed = Buffer.from(bytes)
        sealed[0] = 1
        expect(readDataKey(writeDataKey({ generation, sealed }))).toEqual({ generation, sealed })
      }),
    )
  })

  it('of key rings: what was written is read, what is cut or foreign is refused', () => {
    const keyring = {
      current: 7,
      keys: new Map([
        [6, newDataKey()],
        [7, newDataKey()],
      ]),
      fingerprinting: newDataKey(),
    }
    const written = writeKeyring(keyring)
    expect(readKeyring(written)).toEqual(keyring)
    for (let length = 33; length < written.length; length++)
      if ((length - 37) % 36 !== 0) expect(() => readKeyring(written.subarray(0, length)), `${length}`).toThrow('format')
    expect(() => readKeyring(written.subarray(0, 37 + 36))).toThrow('lack the current one')
    expect(() => readKeyring(Buffer.concat([Buffer.from([3]), written.subarray(1)]))).toThrow('format')
  })
})
