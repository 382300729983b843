import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { errors, type ErrorCode } from '@hawser/api/errors.ts'
import { diagnosis as diagnosisSchema } from '@hawser/api/values.ts'
import { ownChecks } from '@hawser/salesforce/errors/guide-rows.ts'
import { pastedExamples } from '@hawser/salesforce/errors/pasted/pasted-texts-fixture.ts'
import { foreignTexts, unrelatedTexts } from '@hawser/salesforce/errors/pasted/unknown-texts-fixture.ts'
import { explainText } from './explain-text.ts'
import { explainHawserCode } from './hawser-errors.ts'

const sorted = (texts: readonly string[]) => texts.map((text) => [text] as const)

describe('explainText', () => {
  it.each(pastedExamples)('%s, to be ended by %s, in %s: %s', (code, actor, recognisedAs, text) => {
    const explained = explainText(text)
    expect(explained).toMatchObject({ known: true, recognisedAs, diagnosis: { code, actor, docs: `/guides/salesforce-errors#${code}` } })
    expect(diagnosisSchema.safeParse(explained.diagnosis).success).toBe(true)
    expect(explained.diagnosis?.fix.length).toBeGreaterThan(0)
  })

  it.each(sorted(unrelatedTexts))('does not know %j', (text) => expect(explainText(text).known).toBe(false))
  it.each(sorted(foreignTexts))('does not know what others say: %j', (text) => expect(explainText(text).known).toBe(false))

  it('names the uncorroborated hint last, and as such', () => {
    for (const text of ['error=invalid_client_id', '{"error":"invalid_client_id","error_description":"client identifier invalid"}']) {
      const fix = explainText(text).diagnosis?.fix ?? []
      expect(fix.at(-1)).toMatch(/^Last and uncorroborated: .*special characters/)
      expect(fix.slice(0, -1).join(' ')).not.toContain('special')
    }
  })

  it.each([
    ['?error=access_denied', 'oauth-access-denied', 'address'],
    ['{"error":"invalid_grant"}', 'oauth-invalid-grant', 'token_answer'],
    ['2026-11-23 10:00:01 ERROR token refresh failed: invalid_grant', 'oauth-invalid-grant', 'page_text'],
    ['refresh failed (invalid_client)', 'oauth-invalid-client', 'page_text'],
  ])('%s: the standard’s meaning, whoever said it', (text, code, recognisedAs) => {
    expect(explainText(text)).toMatchObject({ known: true, recognisedAs, diagnosis: { code, docs: null } })
  })

  it('believes the caller about whose text it is', () => {
    const text = '{"error":"invalid_grant","error_description":"Token has been expired or revoked."}'
    expect(explainText(text).known).toBe(false)
    expect(explainText(text, 'generic').diagnosis?.code).toBe('oauth-invalid-grant')
    expect(explainText(text, 'salesforce').diagnosis?.code).toBe('grant-refused')
    expect(explainText('error=invalid_client_id', 'generic').known).toBe(false)
  })

  it('never throws', () => {
    const scrap = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom('{"error":{"code":', '"state_err"', '}}', '[', '{"diagnosis":{"code":"__proto__"}}'),
    )
    fc.assert(fc.property(fc.array(scrap, { maxLength: 6 }), (scraps) => void explainText(scraps.join(''))))
  })
})

describe('our own answers', () => {
  const codes = Object.keys(errors) as ErrorCode[]

  it.each(codes)('%s is explained', (code) => {
    const body = JSON.stringify({ error: { code, message: errors[code][1] } })
    const explained = explainText(body)
    expect(explained).toMatchObject({ known: true, recognisedAs: 'hawser_error', diagnosis: { code } })
    const { title, fix, end_user_text: endUserText } = explainHawserCode(code)
    expect(title).toMatch(/^[A-Z].*[^.]$/)
    for (const step of [...fix, endUserText]) expect(step).toMatch(/^[A-Z“].*[.]$/s)
    expect([title, ...fix, endUserText].join(' ')).not.toMatch(/\b(he|him|his|she|her|hers)\b/i)
  })

  it('are told again from the table where they carry a finding of ours', () => {
    const body = JSON.stringify({
      error: { code: 'token_err', message: 'x', diagnosis: { code: 'client-credentials-refused', title: 'forged' } },
    })
    expect(explainText(`HTTP 502\n${body}`).diagnosis).toMatchObject({ code: 'client-credentials-refused', actor: 'developer' })
    expect(JSON.stringify(explainText(body))).not.toContain('forged')
    for (const { id } of ownChecks)
      expect(explainText(JSON.stringify({ outcome: 'error', error_type: 'callback_err', diagnosis: { code: id } })).diagnosis?.code).toBe(
        id,
      )
  })

  it('at the gateway have Salesforce’s form', () => {
    expect(explainText('[{"errorCode":"unknown_connection","message":"No connection …"}]').diagnosis?.code).toBe('unknown_connection')
  })

  it.each([
    '{"error":{"code":"not_found","message":"Not found"}}',
    '{"error":{"code":"forbidden","message":"Forbidden"}}',
    '{"error":{"code":"server_error","message":"Oops"}}',
    '{"error":{"code":"constructor","message":"x"}}',
    '{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}',
  ])('are not what others answer in the same form: %s', (text) => expect(explainText(text).known).toBe(false))
})
