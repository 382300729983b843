import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { orgIdIn, soqlFor } from './ask-production.ts'

const answer = (record: object) => JSON.stringify({ totalSize: 1, records: [record] })

describe('orgIdIn', () => {
  it('reads the id of a completed copy as 18 characters', () => {
    expect(orgIdIn(answer({ SandboxName: 'uat', SandboxOrganization: '00D5g000004abCd', Status: 'Completed' }))).toMatch(
      /^00D5g000004abCd\w{3}$/,
    )
  })

  it.each([
    ['a copy that runs', answer({ SandboxOrganization: '00D5g000004abCd', Status: 'Processing' })],
    ['no id', answer({ SandboxOrganization: null, Status: 'Completed' })],
    ['an id of something else', answer({ SandboxOrganization: '0015g000004abCd', Status: 'Completed' })],
    ['no record', JSON.stringify({ records: [] })],
    ['an error', JSON.stringify([{ errorCode: 'INVALID_TYPE' }])],
    ['no JSON', '<html>'],
  ])('%s tells nothing', (_name, body) => expect(orgIdIn(body)).toBeUndefined())

  it('never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (body) => orgIdIn(body) === undefined))
  })
})

describe('soqlFor', () => {
  it('leaves the name inside its quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        const literal = /SandboxName = '((?:[^'\\]|\\.)*)' ORDER BY/s.exec(soqlFor(name))?.[1]
        return literal?.replaceAll(/\\(.)/gs, '$1') === name
      }),
    )
  })
})
