import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { gunzipSync } from 'node:zlib'
import type { Site } from './site.ts'

export interface Incoming {
  method: string
  /** Leading slashes collapsed; percent-encoding kept. */
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  body: Buffer
  site: Site
  clientAddress: string
}

/** Bulk 2.0 takes 150 MB; a fake needs no more. */
const BODY_LIMIT = 160 * 1024 * 1024

/** The whole body, gunzipped. Undefined when it is larger than 160 MiB or no gzip although it says so. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_LIMIT) return undefined
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks)
  if (request.headers['content-encoding'] !== 'gzip') return body
  try {
    return gunzipSync(body, { maxOutputLength: BODY_LIMIT })
  } catch {
    return undefined
  }
}

/** Path and query of a request target; undefined when it is no path. */
export function splitTarget(target: string, doubleSlashTolerant: boolean): { path: string; query: URLSearchParams } | undefined {
  if (!target.startsWith('/')) return undefined
  const question = target.indexOf('?')
  const rawPath = question < 0 ? target : target.slice(0, question)
  // The sf CLI sends `//services/data` when its instance URL ends with a slash.
  const path = doubleSlashTolerant ? rawPath.replace(/^\/+/, '/') : rawPath
  return { path, query: new URLSearchParams(question < 0 ? '' : target.slice(question + 1)) }
}

/** Fields of an `application/x-www-form-urlencoded` body. */
export function formOf(incoming: Incoming): URLSearchParams {
  return new URLSearchParams(incoming.body.toString('utf8'))
}
