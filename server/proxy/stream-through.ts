/** For tests: a large body through the proxy and back, with what it took in memory. */
import { createHash } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import type { RequestListener } from 'node:http'
import { Readable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { KEY } from './raw-calls.ts'

export const MiB = 1024 * 1024
const pattern = Buffer.alloc(64 * 1024, 'streamed bytes ')

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes of buffers that somebody still holds. */
function memoryInUse(): number {
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}

/** `count` chunks of 64 KiB, as fast as they are read. */
export function endless(count: number): Readable {
  let left = count
  return new Readable({
    read() {
      this.push(left-- > 0 ? pattern : null)
    },
  })
}

/** Answers with the request's body as it comes. */
export const echo: RequestListener = (request, response) => {
  request.on('data', (chunk: Buffer) => {
    if (!response.write(chunk)) request.pause()
  })
  response.on('drain', () => request.resume())
  request.on('end', () => response.end())
}

export interface Streamed {
  received: number
  /** What came back is what was sent. */
  intact: boolean
  /** Most bytes of buffers in use at a time, above what was in use before. */
  peakBytes: number
}

/** `size`: a multiple of 64 KiB. */
export function streamThrough(api: string, size: number): Promise<Streamed> {
  const { port, hostname } = new URL(api)
  const sent = createHash('sha256')
  const back = createHash('sha256')
  const before = memoryInUse()
  let received = 0
  let measuredAt = 0
  let peakBytes = 0
  return new Promise((resolve, reject) => {
    const headers = { authorization: KEY, 'provider-config-key': 'salesforce', 'connection-id': 'acme', 'content-length': size }
    const request = httpRequest({ hostname, port, path: '/proxy/x', method: 'POST', headers }, (response) => {
      response.on('error', reject).on('end', () => resolve({ received, intact: back.digest('hex') === sent.digest('hex'), peakBytes }))
      response.on('data', (chunk: Buffer) => {
        received += chunk.length
        back.update(chunk)
        if (received - measuredAt < 4 * MiB) return
        measuredAt = received
        peakBytes = Math.max(peakBytes, memoryInUse() - before)
      })
    })
    request.on('error', reject)
    endless(size / pattern.length)
      .on('data', (chunk: Buffer) => void sent.update(chunk))
      .pipe(request)
  })
}
