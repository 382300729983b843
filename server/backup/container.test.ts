import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { localKeyFromText } from '#vault/local-key.ts'
import type { BackupKey } from './backup-key.ts'
import { opened, sealed } from './container.ts'
import { DamagedBackup, WrongBackupKey } from './damaged.ts'

const CHUNK = 64
const TAG = 16
const key: BackupKey & { passphrase: string } = { passphrase: 'a passphrase of tests', logN: 1 }

async function* pieces(content: Buffer, size = content.length || 1): AsyncGenerator<Buffer> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size)
}
async function collected(bytes: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const each of bytes) all.push(each)
  return Buffer.concat(all)
}
const seal = (content: Buffer, with_: BackupKey = key) => collected(sealed(pieces(content), with_, CHUNK))
const open = (file: Buffer, with_: BackupKey = key) => collected(opened(pieces(file, 50), with_, CHUNK))
/** What a reader gets of a file that is not the one that was written: nothing. */
const refusal = async (file: Buffer): Promise<Error> => {
  const error = await open(file).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof DamagedBackup) && !(error instanceof WrongBackupKey)) throw new Error(`not refused, but ${String(error)}`)
  return error
}

let content: Buffer
let file: Buffer
/** Where the chunks begin. */
let start: number
beforeAll(async () => {
  content = randomBytes(CHUNK * 5 + 7)
  file = await seal(content)
  start = file.length - (content.length + 6 * TAG)
})
const chunk = (number: number) => file.subarray(start + number * (CHUNK + TAG), start + (number + 1) * (CHUNK + TAG))
const withChunks = (order: number[]) => Buffer.concat([file.subarray(0, start), ...order.map(chunk)])

describe('a backup’s file', () => {
  it.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])('opens to the %i bytes that were put in', async (length) => {
    const plain = randomBytes(length)
    expect(await open(await seal(plain))).toEqual(plain)
  })

  it('is refused whichever byte is flipped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = Buffer.from(file)
        changed[at]! ^= change
        await refusal(changed)
      }),
      { numRuns: 300 },
    )
  })

  it('is refused wherever it is cut off, and when something follows its end', async () => {
    for (let length = 0; length < file.length; length++) await refusal(file.subarray(0, length))
    await refusal(Buffer.concat([file, Buffer.from([0])]))
    await refusal(Buffer.concat([file, chunk(1)]))
  })

  it('is refused with its chunks in any other order, left out or repeated', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 8 }), async (order) => {
        fc.pre(order.join() !== '0,1,2,3,4,5')
        await refusal(withChunks(order))
      }),
      { numRuns: 200 },
    )
  })

  it('names the chunk that is damaged, and a missing end', async () => {
    const changed = Buffer.from(file)
    changed[start + 3 * (CHUNK + TAG) + 5]! ^= 1
    expect((await refusal(changed)).message).toContain('chunk 3 ')
    expect((await refusal(withChunks([0, 1, 2]))).message).toContain('cut off after chunk 2')
    expect((await refusal(withChunks([0, 2, 1, 3, 4, 5]))).message).toContain('chunk 1 ')
  })

  it('takes no chunks of another file of the same passphrase', async () => {
    const other = await seal(content)
    expect(other.equals(file)).toBe(false)
    await refusal(Buffer.concat([file.subarray(0, start), other.subarray(start)]))
  })

  it('says so when the passphrase is wrong', async () => {
    await expect(open(file, { passphrase: 'another passphrase' })).rejects.toThrow(/wrong passphrase/)
    await expect(open(file, { passphrase: 'another passphrase' })).rejects.toBeInstanceOf(WrongBackupKey)
  })

  it('opens with the vault key that it was made for, and names it when there is another one', async () => {
    const [mine, other] = [0, 1].map(() => localKeyFromText(randomBytes(32).toString('base64')).provider)
    const made = await seal(content, { vaultKey: mine! })
    expect(await open(made, { vaultKey: mine! })).toEqual(content)
    await expect(open(made, { vaultKey: other! })).rejects.toThrow(new RegExp(`vault key ${mine!.id}.*here is ${other!.id}`))
    await expect(open(made)).rejects.toThrow(mine!.id)
    await expect(open(file, { vaultKey: mine! })).rejects.toThrow('opens with a passphrase')
  })

  it('is no place for a work factor that takes all memory', async () => {
    const text = file.toString('latin1').replace('"logN":1,', '"logN":31')
    await expect(open(Buffer.from(text, 'latin1'))).rejects.toBeInstanceOf(DamagedBackup)
  })

  it('is made as fast as it is taken away: what waits in between is bounded', async () => {
    let made = 0
    const endless = async function* () {
      for (; made < 1_000; made++) yield Buffer.alloc(CHUNK)
    }
    const bytes = sealed(endless(), key, CHUNK)
    for (let taken = 0; taken < 5; taken++) await bytes.next()
    expect(made).toBeLessThan(8)
    await bytes.return(undefined)
  })
})
