import { brotliDecompressSync, inflateRawSync, unzipSync, zstdDecompressSync } from 'node:zlib'

/** Many times what a refusal or a list of links holds, and too little for a decompression bomb to hurt. */
const MAX_OUTPUT = 4 * 1024 * 1024

/** The bytes behind a `Content-Encoding`, for looking at them only; undefined if they are damaged, too many, or coded in an unknown way. */
export function decodeBody(body: Buffer, encoding: string | undefined): Buffer | undefined {
  const limit = { maxOutputLength: MAX_OUTPUT }
  if (body.length === 0) return body
  try {
    switch (encoding?.trim().toLowerCase() ?? 'identity') {
      case 'identity':
        return body
      case 'gzip':
      case 'x-gzip':
        return unzipSync(body, limit)
      case 'deflate':
        // RFC 9110 §8.4.1.2 means the zlib form; some servers send the bare one. Its first byte tells (RFC 1950 §2.2: method 8).
        return (body[0]! & 0x0f) === 8 ? unzipSync(body, limit) : inflateRawSync(body, limit)
      case 'br':
        return brotliDecompressSync(body, limit)
      case 'zstd':
        return zstdDecompressSync(body, limit)
      default:
        return undefined
    }
  } catch {
    return undefined
  }
}
