/** A customer's logo as a data URL. Only pictures of pixels: an SVG is a document that can carry scripts and foreign addresses. */

export const LARGEST_LOGO = 64 * 1024

/** First bytes of each kind. */
const KINDS: Record<string, (bytes: Buffer) => boolean> = {
  'image/png': (bytes) => bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex')),
  'image/jpeg': (bytes) => bytes.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex')),
  'image/webp': (bytes) => bytes.subarray(0, 4).toString('latin1') === 'RIFF' && bytes.subarray(8, 12).toString('latin1') === 'WEBP',
}

/** What is wrong with it, as a sentence; undefined: nothing. */
export function logoFault(dataUrl: string): string | undefined {
  const [, kind, base64] = /^data:(image\/[a-z]+);base64,([A-Za-z0-9+/]+={0,2})$/.exec(dataUrl) ?? []
  const isKind = kind === undefined ? undefined : KINDS[kind]
  if (!isKind || base64 === undefined) return 'The logo must be a PNG, JPEG or WebP picture, as a data URL in base64.'
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length > LARGEST_LOGO) return 'The logo is larger than 64 kB.'
  return isKind(bytes) ? undefined : 'The logo is not the kind of picture that its data URL says.'
}
