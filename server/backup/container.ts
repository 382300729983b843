/**
 * The file: `HAWSERBK` | length of the header (4) | header, JSON | key check (16) | chunks.
 *
 * Chunks are the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance,
 * 2015), laid out as the age format does: 64 KiB each under AES-256-GCM, nonce = number of the chunk (11 bytes) and whether it is the last (1).
 * The key is this file's alone, so no nonce comes twice. A chunk that was changed, moved, repeated or left out does not open, and a file without its
 * last chunk is refused.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { z } from 'zod'
import { CHECK_BYTES, derivedKeys, fileKeyOf, isSame, keyHeader, newFileKey, type BackupKey } from './backup-key.ts'
import { DamagedBackup, WrongBackupKey } from './damaged.ts'
import { byteReader } from './byte-reader.ts'

const MAGIC = Buffer.from('HAWSERBK')
export const CONTAINER_FORMAT = 1
export const CHUNK_BYTES = 64 * 1024
const TAG_BYTES = 16
const MOST_HEADER_BYTES = 64 * 1024
const LENGTH_BYTES = 4
const COUNTER_BYTES = 11

const header = z.object({ format: z.int(), key: keyHeader })

/** Encrypts a stream of bytes; what it yields is the file. Memory: two chunks. */
export async function* sealed(content: AsyncIterable<Buffer>, key: BackupKey, chunkBytes = CHUNK_BYTES): AsyncGenerator<Buffer> {
  const made = await newFileKey(key)
  const head = Buffer.from(JSON.stringify({ format: CONTAINER_FORMAT, key: made.header }))
  const keys = derivedKeys(made.secret, head)
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(head.length)
  yield Buffer.concat([MAGIC, length, head, keys.check])
  const source = byteReader(content)
  let chunk = await source.upTo(chunkBytes)
  for (let number = 0; ; number++) {
    const next = chunk.length < chunkBytes ? Buffer.alloc(0) : await source.upTo(chunkBytes)
    const isLast = next.length === 0
    yield sealChunk(keys.content, number, isLast, chunk)
    if (isLast) return
    chunk = next
  }
}

/**
 * Decrypts; what it yields may be used only when it ends without an error: not before that is it known that nothing is missing.
 * @throws DamagedBackup, which names the chunk; WrongBackupKey
 */
export async function* opened(file: AsyncIterable<Buffer>, key: BackupKey, chunkBytes = CHUNK_BYTES): AsyncGenerator<Buffer> {
  const source = byteReader(file)
  const content = await readHead(source, key)
  const whole = chunkBytes + TAG_BYTES
  let chunk = await source.upTo(whole)
  for (let number = 0; ; number++) {
    const next = chunk.length < whole ? Buffer.alloc(0) : await source.upTo(whole)
    const isLast = next.length === 0
    const plain = openChunk(content, number, isLast, chunk)
    if (!plain) throw damagedChunk(content, number, isLast, chunk)
    yield plain
    if (isLast) return
    chunk = next
  }
}

/** Which key a file asks for, before anybody is asked for it. */
export async function keyHeaderOf(file: AsyncIterable<Buffer>): Promise<z.output<typeof keyHeader>> {
  return (await readHeader(byteReader(file))).read.key
}

async function readHead(source: ReturnType<typeof byteReader>, key: BackupKey): Promise<Buffer> {
  const { head, read } = await readHeader(source)
  const check = await source.upTo(CHECK_BYTES)
  const keys = derivedKeys(await fileKeyOf(read.key, key), head)
  if (check.length < CHECK_BYTES) throw new DamagedBackup('the file ends within its header')
  if (isSame(check, keys.check)) return keys.content
  if (read.key.kind === 'passphrase') throw new WrongBackupKey('wrong passphrase (or the first bytes of the file were changed)')
  throw new DamagedBackup('the beginning of the file was changed')
}

async function readHeader(source: ReturnType<typeof byteReader>): Promise<{ head: Buffer; read: z.output<typeof header> }> {
  if (!(await source.upTo(MAGIC.length)).equals(MAGIC)) throw new DamagedBackup('this is no backup of Hawser')
  const length = await source.upTo(LENGTH_BYTES)
  const bytes = length.length === LENGTH_BYTES ? length.readUInt32BE() : 0
  if (bytes === 0 || bytes > MOST_HEADER_BYTES) throw new DamagedBackup('the beginning of the file was changed')
  const head = await source.upTo(bytes)
  if (head.length < bytes) throw new DamagedBackup('the file ends within its header')
  const read = header.safeParse(parsed(head))
  if (!read.success) throw new DamagedBackup('the beginning of the file was changed, or a newer release wrote it')
  if (read.data.format !== CONTAINER_FORMAT)
    throw new DamagedBackup(
      `the file has format ${read.data.format}, and this release reads ${CONTAINER_FORMAT}: use the release that wrote it`,
    )
  return { head, read: read.data }
}

function parsed(head: Buffer): unknown {
  try {
    return JSON.parse(head.toString('utf8'))
  } catch {
    return undefined
  }
}

function nonceOf(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(COUNTER_BYTES + 1)
  nonce.writeUIntBE(number, COUNTER_BYTES - 6, 6)
  nonce[COUNTER_BYTES] = isLast ? 1 : 0
  return nonce
}

function sealChunk(key: Buffer, number: number, isLast: boolean, plain: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number, isLast), { authTagLength: TAG_BYTES })
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function openChunk(key: Buffer, number: number, isLast: boolean, chunk: Buffer): Buffer | undefined {
  if (chunk.length < TAG_BYTES) return undefined
  // authTagLength is fixed: else Node accepts shorter tags (DEP0182).
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number, isLast), { authTagLength: TAG_BYTES })
  decipher.setAuthTag(chunk.subarray(chunk.length - TAG_BYTES))
  const plain = decipher.update(chunk.subarray(0, chunk.length - TAG_BYTES))
  try {
    decipher.final()
  } catch {
    return undefined
  }
  return plain
}

function damagedChunk(key: Buffer, number: number, isLast: boolean, chunk: Buffer): DamagedBackup {
  if (isLast && openChunk(key, number, false, chunk))
    return new DamagedBackup(`the file is cut off after chunk ${number}: its end is missing`)
  if (!isLast && openChunk(key, number, true, chunk))
    return new DamagedBackup(`something was put behind the end of the file (chunk ${number})`)
  const cut = isLast ? ', or the file is cut off there' : ''
  return new DamagedBackup(`chunk ${number} of the file was changed, moved or repeated${cut}`)
}
