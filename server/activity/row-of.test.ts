import fc from 'fast-check'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { aCall } from './activity-rig.ts'
import { KEPT_BODY_BYTES } from './failing-body.ts'
import type { Operation } from './operation.ts'
import { redactUrl } from '#telemetry/redact.ts'
import { keptPath, rowOf } from './row-of.ts'

const SECRET = 'SECRETVALUE0123456789'
const SESSION = `00D000000000001AAA!${SECRET}`
const JSON_ANSWER = { 'content-type': 'application/json;charset=UTF-8' }

const kept = (change: Partial<Operation>, bodies = true) => rowOf(aCall({ failed: true, status: 400, ...change }), { bodies })
const body = (value: unknown) =>
  kept({ responseHeaders: JSON_ANSWER, responseBody: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)) }).detail
    ?.response_body

describe('4. no secret is kept of', () => {
  it.each([
    `/a?access_token=${SECRET}`,
    `/a?x=1&client_secret=${SECRET}&y=2`,
    `/a?sid=${SECRET}`,
    `/a;token=${SECRET}`,
    `/a?oauth%5Ftoken=${SECRET}`,
    `/a/${SESSION}/b`,
    `/a/${SESSION.replace('!', '%21')}`,
    `/a?q=${'x'.repeat(990)}&password=${SECRET}`,
    `/hct_${SECRET}${SECRET}`,
    `/a?state=${SECRET}#${SECRET}`,
  ])('a path: %s', (path) => {
    expect(JSON.stringify(kept({ path }))).not.toContain(SECRET)
  })

  it('headers, but those on the list', () => {
    const requestHeaders = {
      authorization: `Bearer ${SECRET}`,
      cookie: SECRET,
      'x-api-key': SECRET,
      'nango-proxy-x-secret': SECRET,
      'x-anything': SECRET,
      accept: 'application/json',
      'user-agent': 'client/1',
    }
    const responseHeaders = {
      'set-cookie': [SECRET],
      'x-token': SECRET,
      location: `https://x/?code=${SECRET}`,
      'sforce-limit-info': 'api-usage=1/2',
    }
    const { detail } = kept({ requestHeaders, responseHeaders })
    expect(detail?.request_headers).toEqual({ accept: 'application/json', 'user-agent': 'client/1' })
    expect(detail?.response_headers).toEqual({ 'sforce-limit-info': 'api-usage=1/2' })
  })

  it.each([
    { access_token: SECRET },
    [{ errorCode: 'X', deep: { refresh_token: SECRET, list: [{ api_key: SECRET }] } }],
    { message: `bad session ${SESSION}` },
    { message: `call /x?access_token=${SECRET} again` },
  ])('a body: %j', (value) => {
    expect(body(value)).not.toContain(SECRET)
    expect(body(value)).toBeTypeOf('string')
  })

  it('a body that is cut off anywhere', () => {
    const text = JSON.stringify({
      a: 1,
      access_token: SECRET,
      b: { 'client secret': SECRET, client_secret: `${SECRET}"\\"${SECRET}` },
      session_id: SESSION,
    })
    for (let end = 1; end < text.length; end += 1) {
      const found = body(text.slice(0, end)) ?? ''
      expect(found, text.slice(0, end)).not.toMatch(/(access_token|client_secret|session_id)":"SECRET/)
    }
  })

  it('a compressed body', () => {
    const responseBody = gzipSync(JSON.stringify({ errorCode: 'INVALID', access_token: SECRET, filler: 'x'.repeat(100) })).subarray(0, 90)
    const row = kept({ responseHeaders: { ...JSON_ANSWER, 'content-encoding': 'gzip' }, responseBody })
    expect(row.detail?.response_body).toContain('INVALID')
    expect(row.detail?.response_body).not.toContain(SECRET)
  })

  it('messages, titles, steps and diagnoses', () => {
    const text = `Bearer ${SECRET}`
    const row = kept({
      error: { code: 'c', title: text, message: text },
      diagnosis: { code: 'c', evidence: { token: SECRET, text } },
      steps: [{ at: 0, level: 'info', text }],
    })
    expect(JSON.stringify(row)).not.toContain(SECRET)
    expect(row.detail?.diagnosis).toMatchObject({ code: 'c' })
  })

  it('any path that redaction would change, also where it is looked at in passing', () => {
    const piece = fc.constantFrom(
      ...'?&=%;/[]+.aZ0-_!@#:'.split(''),
      '%21',
      '%74oken',
      'to%6ben',
      'sid',
      'Code',
      'api_key',
      '00D000000000001AAA',
      'xxxxxxxxxxxxxxxx',
    )
    const form = fc.constantFrom(
      `Bearer ${SECRET}`,
      `5Aep${SECRET}${SECRET}`,
      `eyJ${SECRET}.${SECRET}.x`,
      `hct_${SECRET}`,
      `whsec_${SECRET}`,
      `%2574oken=${SECRET}`,
    )
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 6, arbitrary: piece }, { weight: 1, arbitrary: form }), { maxLength: 25 }), (pieces) => {
        const path = `/${pieces.join('')}`
        expect(keptPath(path)).toBe(redactUrl(path))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('what is kept', () => {
  it('is what the reader needs', () => {
    expect(kept({ path: "/query?q=SELECT+Id+FROM+Account+WHERE+Name='A'" }).path).toBe("/query?q=SELECT+Id+FROM+Account+WHERE+Name='A'")
    expect(body([{ message: 'No such column', errorCode: 'INVALID_FIELD' }])).toBe(
      '[{"message":"No such column","errorCode":"INVALID_FIELD"}]',
    )
  })

  it('of a call that went well is no header and no body', () => {
    expect(
      rowOf(aCall({ requestHeaders: { accept: 'x' }, responseHeaders: JSON_ANSWER, responseBody: Buffer.from('{}') }), { bodies: true })
        .detail,
    ).toBeUndefined()
  })

  it('is no body where they are switched off, or are not JSON', () => {
    const failing = { responseHeaders: JSON_ANSWER, responseBody: Buffer.from('{"a":1}') }
    expect(kept(failing, false).detail?.response_body).toBeUndefined()
    expect(kept({ ...failing, responseHeaders: { 'content-type': 'text/html' } }).detail?.response_body).toBeUndefined()
  })

  it('is bounded, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20_000, unit: 'binary' }), (text) => {
        const row = kept({
          path: `/${text}`,
          error: { code: 'c', title: text, message: text },
          responseHeaders: JSON_ANSWER,
          responseBody: Buffer.from(text),
        })
        expect(row.path!.length).toBeLessThanOrEqual(1000)
        expect(row.error_title!.length).toBeLessThanOrEqual(600)
        expect(row.detail?.response_body?.length ?? 0).toBeLessThanOrEqual(KEPT_BODY_BYTES)
        expect(JSON.stringify(row)).not.toMatch(/\\u0000|\\ud[89ab]../)
      }),
      { numRuns: 60 },
    )
  })
})
