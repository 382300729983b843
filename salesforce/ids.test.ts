import { describe, expect, it } from 'vitest'
import { idsFromIdentityUrl, isSalesforceId, orgIdFromAccessToken, sameOrg, to18 } from './ids.ts'

// Worked by hand from the rule: bit set for each capital, five characters to a check character.
// 00D5g|000004a|bCd -> chunks "00D5g" (D: bit 2 = 4 = E), "00000" (0 = A), "4abCd" (C: bit 3 = 8 = I).
const ORG15 = '00D5g000004abCd'
const ORG18 = '00D5g000004abCdEAI'
const USER18 = '0055g000001XyZaAAK'

describe('ids', () => {
  it('knows 15 and 18 characters and checks the last three', () => {
    expect(isSalesforceId(ORG15)).toBe(true)
    expect(isSalesforceId(ORG18)).toBe(true)
    expect(isSalesforceId('00D5g000004abCdEAA')).toBe(false)
    expect(isSalesforceId('00D5g000004abCdEA')).toBe(false)
    expect(isSalesforceId('00D5g000004abC_')).toBe(false)
    expect(isSalesforceId('')).toBe(false)
  })

  it('makes the 18-character form', () => {
    expect(to18(ORG15)).toBe(ORG18)
    expect(to18(ORG18)).toBe(ORG18)
    expect(to18('000000000000000')).toBe('000000000000000AAA')
    expect(to18('ZZZZZZZZZZZZZZZ')).toBe('ZZZZZZZZZZZZZZZ555')
    expect(to18('short')).toBeUndefined()
    expect(to18('00D5g000004abCdEAA')).toBeUndefined()
  })

  it('compares orgs on 15 characters, case included', () => {
    expect(sameOrg(ORG15, ORG18)).toBe(true)
    expect(sameOrg(ORG18, '00D5g000004abcdEAA')).toBe(false)
    expect(sameOrg(ORG15, ORG15.slice(0, 14))).toBe(false)
    expect(sameOrg(USER18, USER18)).toBe(false)
    expect(sameOrg('', '')).toBe(false)
  })

  it('reads the org id in front of an access token', () => {
    expect(orgIdFromAccessToken(`${ORG15}!AQEAQ.x_y`)).toBe(ORG15)
    expect(orgIdFromAccessToken(`${ORG18}!AQEAQ`)).toBe(ORG18)
    expect(orgIdFromAccessToken('eyJhbGciOi.J9.x')).toBeUndefined()
    expect(orgIdFromAccessToken(`${ORG15}X!AQ`)).toBeUndefined()
    expect(orgIdFromAccessToken(`x${ORG15}!AQ`)).toBeUndefined()
  })

  it.each(['https://test.salesforce.com', 'https://login.salesforce.com', 'https://acme.my.salesforce.com', 'http://localhost:4400'])(
    'reads the ids of an identity URL at %s',
    (origin) => {
      expect(idsFromIdentityUrl(`${origin}/id/${ORG18}/${USER18}`)).toEqual({ orgId: ORG18, userId: USER18 })
      expect(idsFromIdentityUrl(`${origin}/id/${ORG18}/${USER18}?format=json`)).toEqual({ orgId: ORG18, userId: USER18 })
    },
  )

  it.each([
    '',
    `/id/${ORG18}/${USER18}`,
    `https://a.example/ID/${ORG18}`,
    `https://a.example/x/id/${ORG18}/${USER18}`,
    `https://a.example/id/${USER18}/${ORG18}`,
    `https://a.example/id/${ORG18}/${USER18}/more`,
    `https://a.example/id/${ORG18}xx/${USER18}`,
    `https://u@a.example/id/${ORG18}/${USER18}`,
  ])('finds no ids in %j', (url) => {
    expect(idsFromIdentityUrl(url)).toBeUndefined()
  })
})
