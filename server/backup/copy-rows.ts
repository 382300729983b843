/**
 * `COPY` over node-postgres's connection, both ways, streamed. A query of ours is an object with `submit` and `handle…`, as pg-cursor and
 * pg-copy-streams are; we need so little of them that a dependency would be longer.
 */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import type pg from 'pg'

interface Connection {
  stream: Socket
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
  sendCopyFail(message: string): void
}

/** What node-postgres calls on a query of its own. */
interface Submitted {
  submit(connection: Connection): void
  handleCopyData(message: { chunk: Buffer }): void
  handleCopyInResponse(connection: Connection): void
  handleCommandComplete(message: { text: string }): void
  handleReadyForQuery(): void
  handleError(error: Error): void
  handleRowDescription(): void
  handleDataRow(): void
  handleEmptyQuery(): void
  handlePortalSuspended(): void
}

/** So much is kept when rows arrive faster than they are taken; the socket waits then. */
const HIGH_WATER_BYTES = 1024 * 1024

/** The bytes of `COPY … TO STDOUT`, in pieces of about `pieceBytes`, never cut within a row. */
export async function* copyOut(client: pg.Client, text: string, pieceBytes: number): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = []
  let length = 0
  let ended = false
  let failure: Error | undefined
  let connection: Connection | undefined
  let wake = () => {}
  const query = submitted(text, {
    onSubmit: (to) => (connection = to),
    onData(chunk) {
      // The driver uses its buffer again.
      waiting.push(Buffer.from(chunk))
      length += chunk.length
      if (length >= HIGH_WATER_BYTES) connection?.stream.pause()
      if (length >= pieceBytes) wake()
    },
    onEnd(error) {
      ended = true
      failure = error
      wake()
    },
  })
  client.query(query as unknown as pg.Submittable)
  try {
    for (;;) {
      if (length < pieceBytes && !ended) await new Promise<void>((resolve) => (wake = resolve))
      if (failure) throw failure
      if (length === 0 && ended) return
      const piece = Buffer.concat(waiting)
      waiting = []
      length = 0
      connection?.stream.resume()
      yield piece
    }
  } finally {
    connection?.stream.resume()
  }
}

/** `COPY … FROM STDIN` with these bytes; returns how many rows went in. Throws PostgreSQL's error, or that of `pieces` (then nothing went in). */
export async function copyIn(client: pg.Client, text: string, pieces: AsyncIterable<Buffer>): Promise<number> {
  const ready = Promise.withResolvers<Connection>()
  const done = Promise.withResolvers<number>()
  // Looked at below, in turn; until then neither is unheard of.
  ready.promise.catch(() => {})
  done.promise.catch(() => {})
  let rows = 0
  let failure: Error | undefined
  client.query(
    submitted(text, {
      onReady: ready.resolve,
      onComplete: (tag) => (rows = Number(/^COPY (\d+)$/.exec(tag)?.[1] ?? 0)),
      onEnd(error) {
        failure = error
        if (error) {
          ready.reject(error)
          done.reject(error)
        } else done.resolve(rows)
      },
    }) as unknown as pg.Submittable,
  )
  const connection = await ready.promise
  try {
    for await (const piece of pieces) {
      if (failure) break
      connection.sendCopyFromChunk(piece)
      if (connection.stream.writableNeedDrain) await Promise.race([once(connection.stream, 'drain'), done.promise])
    }
  } catch (error) {
    if (!failure) connection.sendCopyFail('the backup could not be read')
    await done.promise.catch(() => {})
    throw failure ?? error
  }
  if (!failure) connection.endCopyFrom()
  return done.promise
}

interface Listeners {
  onSubmit?: (connection: Connection) => void
  onData?: (chunk: Buffer) => void
  onReady?: (connection: Connection) => void
  onComplete?: (tag: string) => void
  /** Once, when the connection is free again or gone. */
  onEnd(error: Error | undefined): void
}

function submitted(text: string, { onSubmit, onData, onReady, onComplete, onEnd }: Listeners): Submitted {
  let failure: Error | undefined
  const ignore = () => {}
  return {
    submit(connection) {
      onSubmit?.(connection)
      connection.query(text)
    },
    handleCopyData: ({ chunk }) => onData?.(chunk),
    handleCopyInResponse: (connection) => onReady?.(connection),
    handleCommandComplete: (message) => onComplete?.(message.text),
    handleReadyForQuery: () => onEnd(failure),
    handleError(error) {
      failure = error
      // PostgreSQL's own errors are followed by "ready"; a connection that broke says nothing more.
      onEnd(error)
    },
    handleRowDescription: ignore,
    handleDataRow: ignore,
    handleEmptyQuery: ignore,
    handlePortalSuspended: ignore,
  }
}
