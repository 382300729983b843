import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { multipartOf } from './multipart.ts'

const TYPE = 'multipart/form-data; boundary=xyz'

describe('multipart bodies', () => {
  it('give back every byte of every part', () => {
    const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array))
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), (bodies) => {
        fc.pre(bodies.every((body) => !body.includes('\r\n--xyz')))
        const parts = bodies.map((body, i) => [
          Buffer.from(`--xyz\r\nContent-Disposition: form-data; name="p${i}"\r\n\r\n`),
          body,
          Buffer.from('\r\n'),
        ])
        const read = multipartOf(TYPE, Buffer.concat([...parts.flat(), Buffer.from('--xyz--\r\n')]))
        expect(read?.map((part) => [part.name, part.body.toString('hex')])).toEqual(
          bodies.map((body, i) => [`p${i}`, body.toString('hex')]),
        )
      }),
    )
  })

  it('may have a preamble, a quoted boundary, and parts in any order', () => {
    const body =
      'preamble\r\n--a b\r\ncontent-type: application/json\r\nContent-disposition: form-data; filename=x.zip; name=n\r\n\r\n{}\r\n--a b--'
    expect(multipartOf('Multipart/Form-Data; boundary="a b"', Buffer.from(body))).toEqual([
      { name: 'n', filename: 'x.zip', contentType: 'application/json', body: Buffer.from('{}') },
    ])
  })

  it('are undefined when they are none, and never a crash', () => {
    expect(multipartOf('application/json', Buffer.from('{}'))).toBeUndefined()
    expect(multipartOf(TYPE, Buffer.from('--xyz\r\nno end'))).toBeUndefined()
    fc.assert(
      fc.property(
        fc.string(),
        fc.uint8Array(),
        (type, body) => void multipartOf(`multipart/form-data; boundary=${type}`, Buffer.from(body)),
      ),
    )
  })
})
