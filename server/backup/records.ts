/** What is inside the encryption: records of kind (1) | length (4) | bytes. */
import { createGunzip, createGzip } from 'node:zlib'
import { pipeline, Readable } from 'node:stream'
import { z } from 'zod'
import { byteReader } from './byte-reader.ts'
import { DamagedBackup } from './damaged.ts'

export const RECORDS_FORMAT = 1
/** Bytes of rows and files come in pieces of this size or less. */
export const PIECE_BYTES = 256 * 1024
const MOST_RECORD_BYTES = 16 * 1024 * 1024
const HEAD_BYTES = 5
/** Level 1: what is stored is mostly encrypted, in hex digits, which any level halves; higher ones only take longer. */
const COMPRESSION = { level: 1, chunkSize: 64 * 1024 }

const count = z.int().nonnegative()
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

export const beginning = z.object({
  format: z.int(),
  /** Of the program that wrote it. */
  program: z.string(),
  createdAt: z.iso.datetime(),
  /** Major version of the server, e.g. 18. */
  postgres: z.int(),
  /** In the order in which they were applied. */
  migrations: z.array(z.string()).min(1),
  /** Undefined: the database was never a server's. */
  epoch: z.string().optional(),
  /** Names the vault key, which is needed to use what is in here. */
  vaultKey: z.string().optional(),
  environments: z.array(z.string()),
})
export type Beginning = z.output<typeof beginning>

export const tableStart = z.object({
  name: z.string(),
  columns: z.array(z.string()).min(1),
  /** Where identities go on. */
  sequences: z.array(z.object({ column: z.string(), last: z.string(), called: z.boolean() })),
})
export type TableStart = z.output<typeof tableStart>

export const tableEnd = z.object({ rows: count, bytes: count, sha256 })
export type TableEnd = z.output<typeof tableEnd>

export const fileStart = z.object({ path: z.string() })
export const fileEnd = z.object({ bytes: count, sha256 })

/** The last record. Whoever has it has seen all others. */
export const summary = z.object({
  tables: z.array(z.object({ name: z.string(), rows: count, bytes: count, sha256 })),
  jobs: count,
  files: z.array(z.object({ path: z.string(), bytes: count, sha256 })),
})
export type Summary = z.output<typeof summary>

const KINDS = { B: beginning, T: tableStart, E: tableEnd, F: fileStart, G: fileEnd, Z: summary } as const

export type BackupRecord =
  | { kind: 'B'; value: Beginning }
  | { kind: 'T'; value: TableStart }
  | { kind: 'E'; value: TableEnd }
  | { kind: 'F'; value: z.output<typeof fileStart> }
  | { kind: 'G'; value: z.output<typeof fileEnd> }
  | { kind: 'Z'; value: Summary }
  /** Bytes of the table or file that is open. */
  | { kind: 'D'; bytes: Buffer }

/** Compressed bytes of the records. */
export function written(records: AsyncIterable<BackupRecord>): AsyncIterable<Buffer> {
  const source = Readable.from(framed(records), { objectMode: false })
  return pipeline(source, createGzip(COMPRESSION), () => {})
}

async function* framed(records: AsyncIterable<BackupRecord>): AsyncGenerator<Buffer> {
  for await (const record of records) {
    const bytes = record.kind === 'D' ? record.bytes : Buffer.from(JSON.stringify(record.value))
    const head = Buffer.alloc(HEAD_BYTES)
    head.write(record.kind, 'latin1')
    head.writeUInt32BE(bytes.length, 1)
    yield Buffer.concat([head, bytes])
  }
}

/** The reverse. @throws DamagedBackup, and whatever `bytes` throws */
export async function* readRecords(bytes: AsyncIterable<Buffer>): AsyncGenerator<BackupRecord> {
  const source = Readable.from(bytes, { objectMode: false })
  // An error of the source ends the reading with that error.
  const plain = pipeline(source, createGunzip({ chunkSize: 64 * 1024 }), () => {})
  const reader = byteReader(plain)
  try {
    for (;;) {
      const head = await reader.upTo(HEAD_BYTES)
      if (head.length === 0) return
      const length = head.length === HEAD_BYTES ? head.readUInt32BE(1) : MOST_RECORD_BYTES + 1
      if (length > MOST_RECORD_BYTES) throw new DamagedBackup('the content of the file is not what a backup holds')
      const content = await reader.upTo(length)
      if (content.length < length) throw new DamagedBackup('the content of the file ends within a record')
      yield recordOf(head.toString('latin1', 0, 1), content)
    }
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code?.startsWith('Z_') ? new DamagedBackup('the content of the file does not unpack') : error
  } finally {
    source.destroy()
  }
}

function recordOf(kind: string, bytes: Buffer): BackupRecord {
  if (kind === 'D') return { kind, bytes }
  if (!Object.hasOwn(KINDS, kind)) throw new DamagedBackup(`the file holds a record "${kind}", which this release does not know`)
  const read = KINDS[kind as keyof typeof KINDS].safeParse(JSON.parse(bytes.toString('utf8')))
  if (!read.success) throw new DamagedBackup(`the file holds a record "${kind}" that this release cannot read`)
  return { kind, value: read.data } as BackupRecord
}
