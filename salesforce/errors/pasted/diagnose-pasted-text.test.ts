import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allErrorRows } from '../find-diagnosis.ts'
import { diagnosePastedText } from './diagnose-pasted-text.ts'
import { pastedExamples } from './pasted-texts-fixture.ts'
import { foreignTexts, unrelatedTexts } from './unknown-texts-fixture.ts'

describe('what people paste', () => {
  it.each(pastedExamples)('%s (%s, %s): %s', (id, _actor, as, text) => {
    const found = diagnosePastedText(text)
    expect([found?.row.id, found?.as]).toEqual([id, as])
  })

  it('has an example for every row', () => {
    const shown = new Set(pastedExamples.map(([id]) => id))
    expect(pastedExamples.length).toBeGreaterThanOrEqual(60)
    expect(allErrorRows.map(({ id }) => id).filter((id) => !shown.has(id))).toEqual([])
  })

  it.each(allErrorRows.map(({ id }) => id))('without the row %s its texts are explained no more, or less exactly', (id) => {
    const rows = allErrorRows.filter((row) => row.id !== id)
    for (const [, , , text] of pastedExamples.filter(([of]) => of === id)) {
      expect(diagnosePastedText(text)?.row.id).toBe(id)
      expect(diagnosePastedText(text, { rows })?.row.id).not.toBe(id)
    }
  })
})

describe('what is no known failure', () => {
  it.each(unrelatedTexts)('%j', (text) => expect(diagnosePastedText(text)?.row.id).toBeUndefined())
  it.each(foreignTexts)('of somebody else: %j', (text) => expect(diagnosePastedText(text)?.row.id).toBeUndefined())
  it('is tried with enough texts', () => {
    expect(unrelatedTexts.length).toBeGreaterThanOrEqual(30)
    expect(foreignTexts.length).toBeGreaterThanOrEqual(20)
  })
})

describe('a text that is known to be of Salesforce', () => {
  it('may use the codes that all OAuth servers share', () => {
    const text = '{"error":"invalid_grant","error_description":"something new"}'
    expect(diagnosePastedText(text)).toBeUndefined()
    expect(diagnosePastedText(text, { fromSalesforce: true })?.row.id).toBe('grant-refused')
    const status = 'POST /token\nHTTP/1.1 429 Too Many Requests'
    expect(diagnosePastedText(status, { fromSalesforce: true })?.row.id).toBe('rate-limited')
  })

  it('is still not Salesforce’s where single sign-on leads elsewhere', () => {
    for (const text of [
      'https://app.example.com/cb?error=access_denied&error_description=AADSTS65004%3a+User+declined+to+consent+to+access+the+app.',
      'Error 403: access_denied. The app is not verified by Google.',
    ])
      expect(diagnosePastedText(text, { fromSalesforce: true })).toBeUndefined()
  })
})

describe('evidence', () => {
  it('names what an address shows', () => {
    const address =
      'https://login.salesforce.com/services/oauth2/authorize?response_type=code&client_id=3MVG9x%20&redirect_uri=https%3A%2F%2Fapp.example.com%2Foauth%2Fcallback%3Fu%3Dada%40example.com&error=invalid_client_id&error_description=client%20identifier%20invalid'
    expect(diagnosePastedText(address)).toMatchObject({
      row: { id: 'client-id-unknown' },
      evidence: {
        host: 'login.salesforce.com',
        host_kind: 'generic-login',
        client_id_sent: true,
        client_id_has_space: true,
        callback_sent: 'https://app.example.com/oauth/callback',
        code_challenge_sent: false,
        error: 'invalid_client_id',
        said_by: 'error_description',
      },
    })
  })

  it('holds no secret and no person, wherever they stand', () => {
    const secrets = ['aPrxSECRETCODE', '5Aep861SECRET', '00D000000000001!AQSECRET', 'ada@example.com', 'C1ientSecret9', '3MVG9SECRETKEY']
    const [code, refresh, access, email, client, key] = secrets
    const texts = [
      `https://${email}@acme.my.salesforce.com/x?error=invalid_client_id&code=${code}&refresh_token=${refresh}&access_token=${access}&login_hint=${email}&client_secret=${client}&client_id=${key}&redirect_uri=https%3A%2F%2F${email}%40app.example.com%2Fcb`,
      `{"error":"invalid_grant","error_description":"expired access/refresh token","refresh_token":"${refresh}","client_secret":"${client}","username":"${email}"}`,
      `[{"message":"Session expired or invalid ${access}","errorCode":"INVALID_SESSION_ID"}]`,
      `OAUTH_APP_BLOCKED for ${email} with ${key}`,
    ]
    for (const text of texts) {
      const found = diagnosePastedText(text)
      expect(found).toBeDefined()
      for (const secret of secrets) expect(JSON.stringify(found)).not.toContain(secret)
    }
  })
})

describe('anything at all', () => {
  const scrap = fc.oneof(
    fc.string(),
    fc.lorem(),
    fc.json(),
    fc.webUrl({ withQueryParameters: true }),
    fc.constantFrom(
      'error=',
      '&error_description=',
      '%',
      '%E0%A4',
      '{"error":"',
      '[{',
      '<faultcode>',
      'invalid_grant',
      '<html>',
      '<div',
      '&#x',
      '\\"',
      '=\n',
      'https://',
    ),
  )

  it('never throws', () => {
    fc.assert(
      fc.property(fc.array(scrap, { maxLength: 8 }), (scraps) => void diagnosePastedText(scraps.join(' '))),
      { numRuns: 300 },
    )
  })

  it('of prose, JSON and addresses without our words is unknown', () => {
    const word = fc.oneof(fc.lorem(), fc.json(), fc.webUrl({ withQueryParameters: true }), fc.emailAddress())
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        expect(diagnosePastedText(words.join(' '))).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })

  it('is read quickly, however long and repetitive', () => {
    const started = performance.now()
    const scraps = [
      'error=',
      '<',
      '%41',
      '"error":',
      '[',
      'invalid_grant_',
      ' ',
      '<script>',
      '<!--',
      'a.',
      'https://',
      '\n',
      '"a":',
      '&amp;',
      'error: invalid_grant\n',
    ]
    for (const piece of scraps) diagnosePastedText(piece.repeat(16_384))
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
