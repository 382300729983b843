/** What every adapter of the port must do, run over all of them. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { CannotOpen } from './envelope.ts'
import { kmsKeyProvider, KmsUnusable } from './kms-key.ts'
import { KMS_CREDENTIALS, KMS_KEY, OTHER_KMS_KEY, startFakeKms, type FakeKms } from './kms-endpoint-for-tests.ts'
import { WrongVaultKey, type KeyProvider } from './key-provider.ts'
import { localKeyFromFile, localKeyFromText } from './local-key.ts'
import { kindOfKey, openVaultKey } from './vault-key.ts'
import { createVault } from './vault.ts'

let kms: FakeKms
let dir: string
beforeAll(async () => {
  kms = await startFakeKms()
  dir = await mkdtemp(join(tmpdir(), 'hawser-provider-'))
})
afterEach(() => kms.down(null))
afterAll(async () => {
  await kms.close()
  await rm(dir, { recursive: true })
})

const onKms = (arn: string, options: { attempts?: number; deadlineMs?: number } = {}) =>
  kmsKeyProvider(arn, { endpoint: kms.url, credentials: KMS_CREDENTIALS, ...options })

/** Of one key twice, as two processes have it, and of another. */
interface Adapter {
  name: string
  kind: 'local' | 'aws-kms'
  one(): Promise<KeyProvider>
  same(): Promise<KeyProvider>
  other(): Promise<KeyProvider>
}
const TEXT = randomBytes(32).toString('base64')
const adapters: Adapter[] = [
  {
    name: 'file',
    kind: 'local',
    one: async () => (await localKeyFromFile(dir)).provider,
    same: async () => (await localKeyFromFile(dir)).provider,
    other: async () => (await localKeyFromFile(dir, 'other.key')).provider,
  },
  {
    name: 'environment',
    kind: 'local',
    one: async () => localKeyFromText(TEXT).provider,
    same: async () => localKeyFromText(TEXT).provider,
    other: async () => localKeyFromText(randomBytes(32).toString('base64')).provider,
  },
  { name: 'AWS KMS', kind: 'aws-kms', one: () => onKms(KMS_KEY), same: () => onKms(KMS_KEY), other: () => onKms(OTHER_KMS_KEY) },
]

describe.each(adapters)('a key from $name', ({ one, same, other, kind }) => {
  const plain = randomBytes(32)

  it('opens what it wrapped, in another process too, and never shows it', async () => {
    const wrapped = await (await one()).wrap(plain, 'environment-key:1')
    expect((await (await same()).unwrap(wrapped, 'environment-key:1')).equals(plain)).toBe(true)
    expect(wrapped.includes(plain)).toBe(false)
  })

  it('has a name that stays, and is nobody else’s', async () => {
    const { id } = await one()
    expect((await same()).id).toBe(id)
    expect((await other()).id).not.toBe(id)
    expect(kindOfKey(id)).toBe(kind)
  })

  it('7. refuses another place', async () => {
    const wrapped = await (await one()).wrap(plain, 'environment-key:1')
    await expect((await one()).unwrap(wrapped, 'environment-key:2')).rejects.toThrow(CannotOpen)
  })

  it('tells another key from changed bytes', async () => {
    const wrapped = await (await one()).wrap(plain, 'a')
    await expect((await other()).unwrap(wrapped, 'a')).rejects.toThrow(WrongVaultKey)
    const changed = Buffer.from(wrapped)
    changed[changed.length - 1]! ^= 1
    await expect((await one()).unwrap(changed, 'a')).rejects.toThrow(CannotOpen)
  })

  it('refuses what another kind of key has wrapped', async () => {
    const foreign = await Promise.all(adapters.filter((each) => each.one !== one).map(async (each) => (await each.one()).wrap(plain, 'a')))
    for (const wrapped of foreign) await expect((await one()).unwrap(wrapped, 'a')).rejects.toThrow(WrongVaultKey)
  })
})

describe('AWS KMS', () => {
  it('is asked again when it throttles, or fails by itself', async () => {
    const provider = await onKms(KMS_KEY)
    kms.fail('ThrottlingException', 'KMSInternalException')
    await expect(provider.wrap(randomBytes(32), 'a')).resolves.toBeInstanceOf(Buffer)
  })

  it.each([
    ['ThrottlingException', 'too many requests'],
    ['AccessDeniedException', 'Allow kms:Encrypt and kms:Decrypt'],
    ['DisabledException', 'enable it'],
    ['NotFoundException', 'correct HAWSER_KMS_KEY'],
    ['SomethingNewException', 'check the network'],
  ])('4. says what to do about %s, without what was sent', async (error, advice) => {
    const provider = await onKms(KMS_KEY, { attempts: 1 })
    kms.down(error)
    const plain = randomBytes(32)
    const failure = await provider.wrap(plain, 'a').catch((caught: Error) => caught as Error)
    expect(failure).toBeInstanceOf(KmsUnusable)
    expect(String(failure)).toContain(advice)
    expect(String(failure)).toContain(KMS_KEY)
    expect(`${String(failure)} ${JSON.stringify(failure)}`).not.toContain(plain.toString('base64'))
  })

  it('has a deadline when it does not answer at all', async () => {
    const provider = await onKms(KMS_KEY, { attempts: 1, deadlineMs: 50 })
    kms.fail('hang')
    await expect(provider.wrap(randomBytes(32), 'a')).rejects.toThrow('check the network')
  })

  it('says which package is missing', async () => {
    const load = () => Promise.reject(Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' }))
    await expect(openVaultKey({ dataDir: dir, kmsKey: KMS_KEY }, { load })).rejects.toThrow('npm install @aws-sdk/client-kms')
  })

  it('is asked once for an environment and process; an outage later leaves what is loaded in use, one at the start is told', async () => {
    const wrapped = new Map<string, Buffer>()
    let nowMs = 0
    const table = {
      loadWrappedKey: async (id: string) => wrapped.get(id) ?? null,
      saveWrappedKey: async (id: string, key: Buffer) => (wrapped.set(id, key), key),
    }
    const vault = createVault({ keyProvider: await onKms(KMS_KEY, { attempts: 1 }), ...table, now: () => nowMs })
    await vault.ready('prod')
    const row = vault.sealNew('prod', 'grant', 'row', 'tokens')
    kms.asked.length = 0
    kms.down('KMSInternalException')
    for (nowMs = 0; nowMs < 200_000; nowMs += 9_000) {
      await vault.ready('prod')
      expect(vault.openSealed('prod', row.data_key, row.ciphertext, 'grant', 'row').toString()).toBe('tokens')
    }
    expect(kms.asked).toEqual([])
    const started = createVault({ keyProvider: await onKms(KMS_KEY, { attempts: 1 }), ...table })
    await expect(started.ready('prod')).rejects.toThrow(KmsUnusable)
    kms.down(null)
    await started.ready('prod')
    expect(started.openSealed('prod', row.data_key, row.ciphertext, 'grant', 'row').toString()).toBe('tokens')
  })
})
