export interface Part {
  name: string
  filename: string | null
  contentType: string
  body: Buffer
}

/** A deploy has two parts; more than a few is somebody's mistake. */
const PARTS_LIMIT = 20

/** The parts of a `multipart/form-data` body (RFC 7578, RFC 2046 section 5.1); undefined when it is none. Bodies stay bytes. */
export function multipartOf(contentType: string, body: Buffer): Part[] | undefined {
  const match = /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType)
  const boundary = match?.[1] ?? match?.[2]
  if (boundary === undefined) return undefined
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  // The first delimiter has no line break before it when there is no preamble.
  const whole = Buffer.concat([Buffer.from('\r\n'), body])
  const parts: Part[] = []
  let start = whole.indexOf(delimiter)
  while (start >= 0) {
    const after = start + delimiter.length
    if (whole.subarray(after, after + 2).toString('latin1') === '--') return parts
    const end = whole.indexOf(delimiter, after)
    if (end < 0 || parts.length >= PARTS_LIMIT) return undefined
    const part = partOf(whole.subarray(after, end))
    if (part === undefined) return undefined
    parts.push(part)
    start = end
  }
  return undefined
}

function partOf(bytes: Buffer): Part | undefined {
  const lineEnd = bytes.indexOf('\r\n')
  if (lineEnd < 0 || bytes.subarray(0, lineEnd).toString('latin1').trim() !== '') return undefined
  const headersEnd = bytes.indexOf('\r\n\r\n', lineEnd)
  if (headersEnd < 0) return undefined
  const headers = new Map<string, string>()
  for (const line of bytes
    .subarray(lineEnd + 2, headersEnd)
    .toString('utf8')
    .split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  const disposition = headers.get('content-disposition') ?? ''
  const name = parameter(disposition, 'name')
  if (name === undefined) return undefined
  return {
    name,
    filename: parameter(disposition, 'filename') ?? null,
    contentType: headers.get('content-type') ?? 'text/plain',
    body: bytes.subarray(headersEnd + 4),
  }
}

function parameter(header: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^\\s;]+))`, 'i').exec(header)
  return match?.[1] ?? match?.[2]
}
