/** What is kept of a failing answer: the beginning of its JSON, without what looks like a secret. */
import { brotliDecompressSync, constants, gunzipSync, inflateSync } from 'node:zlib'
import type { IncomingHttpHeaders } from 'node:http'
import { redactJsonText } from '#telemetry/redact-json-text.ts'

/** Of the answer as it came, and of the text that is kept. */
export const KEPT_BODY_BYTES = 2048
const MOST_INFLATED = 64 * 1024

export function isJsonType(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/(?:[\w.+-]+\+)?json\b/i.test(contentType)
}

/** Undefined for what is no JSON, and for what cannot be decompressed. `beginning`: up to `KEPT_BODY_BYTES` of the answer. */
export function keptBody(beginning: Buffer, headers: IncomingHttpHeaders): string | undefined {
  if (!isJsonType(headers['content-type'])) return undefined
  const text = inflated(beginning, headers['content-encoding'])?.toString('utf8').replaceAll('\0', '')
  if (text === undefined) return undefined
  return redactJsonText(text).slice(0, KEPT_BODY_BYTES)
}

function inflated(bytes: Buffer, coding: string | undefined): Buffer | undefined {
  if (coding === undefined || coding === '' || coding === 'identity') return bytes
  // The rest is missing: what can be read so far is enough.
  const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MOST_INFLATED }
  try {
    if (coding === 'gzip' || coding === 'x-gzip') return gunzipSync(bytes, options)
    if (coding === 'deflate') return inflateSync(bytes, options)
    if (coding === 'br')
      return brotliDecompressSync(bytes, { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength: MOST_INFLATED })
  } catch {}
  return undefined
}
