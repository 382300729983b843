import { describe, expect, it } from 'vitest'
import type { Provider } from '#providers/provider.ts'
import type { StoredConnection } from './connection.ts'
import { otherOrgIn } from './other-org.ts'

const OLD = '00D5g000004abCdEAI'
const NEW = '00D5g000004abCeEAI'
const SANDBOX = 'https://acme--uat.sandbox.my.salesforce.com'
const salesforce = { family: 'salesforce' } as Provider
const stored = (instance_url: string | undefined, org_id: unknown = OLD) =>
  ({ environmentId: 'e', connectionConfig: { org_id, ...(instance_url ? { instance_url } : {}) } }) as unknown as StoredConnection
const answer = (orgId: string, instance_url: string | undefined, access_token = 'opaque') => ({
  access_token,
  raw: { access_token, id: `https://test.salesforce.com/id/${orgId}/0055g000004abCdAAI`, ...(instance_url ? { instance_url } : {}) },
})

describe('otherOrgIn', () => {
  it.each([
    ['the same org', stored(SANDBOX), answer(OLD, SANDBOX), undefined],
    ['the same org on another host', stored(SANDBOX), answer(OLD, 'https://acme2--uat.sandbox.my.salesforce.com'), undefined],
    ['no word of an org', stored(SANDBOX), { access_token: 'x', raw: { access_token: 'x' } }, undefined],
    ['nothing stored', stored(SANDBOX, null), answer(NEW, SANDBOX), undefined],
    [
      'another org on the sandbox’s host',
      stored(SANDBOX),
      answer(NEW, SANDBOX),
      { kind: 'refreshed', refresh: { environmentId: 'e', instanceUrl: SANDBOX, newOrgId: NEW, basis: 'token_answer' } },
    ],
    ['another org, told by the token alone', stored(SANDBOX), { access_token: `${NEW}!x`, raw: {} }, { kind: 'refreshed' }],
    [
      'another org elsewhere',
      stored(SANDBOX),
      answer(NEW, 'https://other--uat.sandbox.my.salesforce.com'),
      { kind: 'another', newOrgId: NEW },
    ],
    [
      'another org at a production host',
      stored('https://acme.my.salesforce.com'),
      answer(NEW, 'https://acme.my.salesforce.com'),
      { kind: 'another', newOrgId: NEW },
    ],
  ])('%s', (_name, connection, tokens, expected) => {
    const found = otherOrgIn(connection, salesforce, tokens)
    if (expected === undefined) expect(found).toBeUndefined()
    else expect(found).toMatchObject(expected)
  })

  it('is not asked of other vendors', () => {
    expect(otherOrgIn(stored(SANDBOX), {} as Provider, answer(NEW, SANDBOX))).toBeUndefined()
  })
})
