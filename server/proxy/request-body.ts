/** The caller's body: kept as bytes when it is small enough to be sent again, else a stream that is used up by the first attempt. */
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { fail } from '@hawser/api/errors.ts'
import type { ProxySettings } from './settings.ts'

export type RequestBody =
  | { kind: 'none' }
  | { kind: 'kept'; bytes: Buffer; release: () => void }
  /** `length` undefined: chunked. */
  | { kind: 'stream'; stream: Readable; length: string | undefined; onProgress: (listener: () => void) => void }

/** The caller hung up, or stopped sending. There is nobody to answer to. */
export class CallerGone extends Error {
  override readonly name = 'CallerGone'
}

export interface BodyKeeper {
  /** Call only for an authenticated caller: reads nothing of a body that is streamed, all of one that is kept. @throws CallerGone */
  take: (request: IncomingMessage) => RequestBody | Promise<RequestBody>
}

const none: RequestBody = { kind: 'none' }

/** Bodies of all calls share one budget of memory. */
export function createBodyKeeper(settings: ProxySettings): BodyKeeper {
  let kept = 0
  return {
    take: (request) => {
      const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
      if (encoding === undefined && (length === undefined || length === '0')) return none
      const size = encoding === undefined ? Number(length) : Infinity
      if (size > settings.keptBodyBytes || kept + size > settings.keptTotalBytes)
        return streamed(request, encoding === undefined ? length : undefined, settings)
      kept += size
      let held = true
      const release = (): void => {
        if (held) kept -= size
        held = false
      }
      return readAll(request, settings).then(
        (bytes) => ({ kind: 'kept', bytes, release }),
        (error: Error) => {
          release()
          throw error
        },
      )
    },
  }
}

/**
 * Node's parser has already held the body against its Content-Length. A caller who is never silent, but sends byte after byte, is bounded too: some hundreds
 * of them would hold the memory that all callers share.
 */
function readAll(request: IncomingMessage, { idleMs, deadlineMs }: Pick<ProxySettings, 'idleMs' | 'deadlineMs'>): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  let chunks: Buffer[] | undefined = []
  const giveUp = (message: string) => {
    chunks = undefined
    reject(fail('invalid_request', { message }))
  }
  const silence = setTimeout(() => giveUp('The body stopped before its end.'), idleMs)
  const deadline = setTimeout(() => giveUp('The body did not arrive in time.'), deadlineMs)
  request
    .on('data', (chunk: Buffer) => {
      chunks?.push(chunk)
      silence.refresh()
    })
    .on('end', () => {
      // A keep-alive connection closes late, if ever.
      clearTimeout(silence)
      clearTimeout(deadline)
      if (chunks) resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks))
    })
    .on('close', () => {
      clearTimeout(silence)
      clearTimeout(deadline)
      reject(new CallerGone())
    })
  return promise
}

/**
 * A stream of its own and not the request itself, since undici destroys the body when an upload ends early, which on a request would
 * take the socket away that the provider's answer is to be written to.
 */
function streamed(request: IncomingMessage, length: string | undefined, settings: ProxySettings): RequestBody {
  let progressed: (() => void) | undefined
  const stream = new Readable({
    read: () => void request.resume(),
    destroy: (error, done) => {
      clearTimeout(timer)
      done(error)
    },
  })
  stream.on('error', () => {})
  const timer = setTimeout(() => {
    // Only a caller's silence counts. While the provider does not read, the deadlines of the answer hold.
    if (request.isPaused()) timer.refresh()
    else stream.destroy(new CallerGone('the body stopped before its end'))
  }, settings.idleMs)
  request
    .on('data', (chunk: Buffer) => {
      if (stream.destroyed) return
      timer.refresh()
      progressed?.()
      if (!stream.push(chunk)) request.pause()
    })
    .on('end', () => {
      clearTimeout(timer)
      if (!stream.destroyed) stream.push(null)
    })
    .on('close', () => {
      clearTimeout(timer)
      if (!request.complete) stream.destroy(new CallerGone())
    })
  request.pause()
  return { kind: 'stream', stream, length, onProgress: (listener) => void (progressed = listener) }
}
