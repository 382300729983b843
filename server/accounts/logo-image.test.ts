import { describe, expect, it } from 'vitest'
import { LARGEST_LOGO, logoFault } from './logo-image.ts'

const png = (size: number) => Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(size - 8)])
const url = (kind: string, bytes: Buffer) => `data:${kind};base64,${bytes.toString('base64')}`
const webp = Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBP', 'latin1'), Buffer.alloc(20)])

describe('a logo', () => {
  it('may be a PNG, JPEG or WebP picture of up to 64 kB', () => {
    expect(logoFault(url('image/png', png(LARGEST_LOGO)))).toBeUndefined()
    expect(logoFault(url('image/jpeg', Buffer.from('ffd8ffe000', 'hex')))).toBeUndefined()
    expect(logoFault(url('image/webp', webp))).toBeUndefined()
  })

  it.each([
    ['too large', url('image/png', png(LARGEST_LOGO + 1))],
    ['a document that can carry scripts', url('image/svg+xml', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))],
    ['another kind than it says', url('image/png', webp)],
    ['HTML that says it is a picture', url('image/png', Buffer.from('<script>alert(1)</script>'))],
    ['an address', 'https://evil.example/logo.png'],
    ['no base64', 'data:image/png,abc'],
    ['text after the data', `${url('image/png', png(20))}" onload="alert(1)`],
  ])('is refused when it is %s', (_what, given) => {
    expect(logoFault(given)).toMatch(/^The logo .*\.$/)
  })
})
