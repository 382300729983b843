import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CannotOpen } from './envelope.ts'
import { WrongVaultKey, assertSameKey } from './key-provider.ts'
import { KEY_FILE, UnusableKey, localKeyFromFile, localKeyFromText } from './local-key.ts'

let dir: string
let keyFile: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hawser-key-'))
  keyFile = join(dir, KEY_FILE)
})
afterEach(() => rm(dir, { recursive: true }))

const newKeyText = (): string => randomBytes(32).toString('base64')
const asRoot = process.geteuid?.() === 0

describe('the key file', () => {
  it('is made on first use, for its owner only, and leaves nothing else behind', async () => {
    const { source } = await localKeyFromFile(dir)
    expect(source).toEqual({ kind: 'file', path: keyFile, created: true })
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600)
    expect(await readdir(dir)).toEqual([KEY_FILE])
  })

  it('is read on the next start', async () => {
    const first = await localKeyFromFile(dir)
    const second = await localKeyFromFile(dir)
    expect(second.source).toMatchObject({ created: false })
    expect(second.provider.id).toBe(first.provider.id)
    const wrapped = await first.provider.wrap(Buffer.from('key'), 'aad')
    expect((await second.provider.unwrap(wrapped, 'aad')).toString()).toBe('key')
  })

  it('is one when several servers start at once', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => localKeyFromFile(dir)))
    expect(new Set(keys.map(({ provider }) => provider.id)).size).toBe(1)
    expect(keys.filter(({ source }) => source.kind === 'file' && source.created)).toHaveLength(1)
    expect(await readdir(dir)).toEqual([KEY_FILE])
  })

  it('lies in a directory that is made for its owner only', async () => {
    const dataDir = join(dir, 'new', 'data')
    await localKeyFromFile(dataDir)
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700)
  })

  it.each([0o640, 0o604, 0o660, 0o777])('is refused with mode %o, with the command that puts it right', async (mode) => {
    await localKeyFromFile(dir)
    await chmod(keyFile, mode)
    await expect(localKeyFromFile(dir)).rejects.toThrow(`run: chmod 600 ${keyFile}`)
  })

  it('may be read-only', async () => {
    await localKeyFromFile(dir)
    await chmod(keyFile, 0o400)
    await expect(localKeyFromFile(dir)).resolves.toBeDefined()
  })

  it.runIf(asRoot)('is refused when it belongs to someone else', async () => {
    await localKeyFromFile(dir)
    await chown(keyFile, 4321, 4321)
    await expect(localKeyFromFile(dir)).rejects.toThrow('belongs to user 4321, but this server runs as user 0')
  })

  it('is refused when it is a link, or no file', async () => {
    await writeFile(join(dir, 'elsewhere'), newKeyText(), { mode: 0o600 })
    await symlink(join(dir, 'elsewhere'), keyFile)
    await expect(localKeyFromFile(dir)).rejects.toThrow('symbolic link')
    await rm(keyFile)
    await mkdir(keyFile)
    await expect(localKeyFromFile(dir)).rejects.toThrow('is not a regular file')
  })

  it('is never replaced when it is damaged', async () => {
    await localKeyFromFile(dir)
    await truncate(keyFile, 10)
    const damaged = await readFile(keyFile)
    await expect(localKeyFromFile(dir)).rejects.toThrow(UnusableKey)
    expect(await readFile(keyFile)).toEqual(damaged)
  })
})

describe('the key from a setting', () => {
  it('reads base64 and base64url', () => {
    const key = randomBytes(32)
    expect(localKeyFromText(key.toString('base64')).provider.id).toBe(localKeyFromText(` ${key.toString('base64url')}\n`).provider.id)
  })

  it.each(['', 'short', randomBytes(31).toString('base64'), randomBytes(33).toString('base64'), `${randomBytes(32).toString('base64')}!`])(
    '4. refuses %j without repeating it',
    (value) => {
      const failure = captureFailure(() => localKeyFromText(value))
      expect(failure).toBeInstanceOf(UnusableKey)
      expect(failure.message).toBe('HAWSER_ENCRYPTION_KEY must hold 32 bytes in base64 (openssl rand -base64 32)')
    },
  )
})

const captureFailure = (work: () => unknown): Error => {
  try {
    work()
  } catch (error) {
    return error as Error
  }
  throw new Error('did not fail')
}

describe('a wrong key', () => {
  it('is named at the start', () => {
    const [before, now] = [localKeyFromText(newKeyText()).provider, localKeyFromText(newKeyText()).provider]
    expect(() => assertSameKey(null, now)).not.toThrow()
    expect(() => assertSameKey(now.id, now)).not.toThrow()
    expect(() => assertSameKey(before.id, now)).toThrow(WrongVaultKey)
    expect(() => assertSameKey(before.id, now)).toThrow(`encrypted with key ${before.id}, this server was started with key ${now.id}`)
  })

  it('is told apart from changed bytes', async () => {
    const [one, two] = [localKeyFromText(newKeyText()).provider, localKeyFromText(newKeyText()).provider]
    const wrapped = await one.wrap(Buffer.from('key'), 'aad')
    await expect(two.unwrap(wrapped, 'aad')).rejects.toThrow(WrongVaultKey)
    await expect(one.unwrap(wrapped, 'another aad')).rejects.toThrow(CannotOpen)
    wrapped[wrapped.length - 1]! ^= 1
    await expect(one.unwrap(wrapped, 'aad')).rejects.toThrow(CannotOpen)
  })
})
