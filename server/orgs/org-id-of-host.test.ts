import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Provider } from '#providers/provider.ts'
import { answerAll, json, ORG_ID, startOrg, type Answer, type OrgForTests } from './org-for-tests.ts'
import { orgIdOfHost } from './org-id-of-host.ts'

const PATH = '/.well-known/auth-configuration'
let org: OrgForTests
beforeAll(async () => {
  org = await startOrg()
})
afterAll(() => org.close())
beforeEach(() => {
  org.seen.length = 0
  answerAll(org.answers)
})

const ask = (change: { instanceUrl?: string; provider?: Provider; timeoutMs?: number } = {}) =>
  orgIdOfHost({ egress: org.egress, provider: org.provider, instanceUrl: org.origin, timeoutMs: 2_000, ...change })

describe('the org behind a host', () => {
  it('is told without a session, in 18 characters', async () => {
    expect(await ask()).toEqual({ ok: true, orgId: ORG_ID })
    expect(org.seen).toEqual([{ method: 'GET', path: PATH, authorization: undefined, body: '' }])
    org.answers[PATH] = json({ OrgId: ORG_ID, Url: org.origin })
    expect(await ask({ instanceUrl: `${org.origin}/` })).toEqual({ ok: true, orgId: ORG_ID })
  })

  it.each<[string, Answer]>([
    ['switched off', (_request, response) => response.writeHead(404, { 'content-type': 'text/html' }).end('<html>')],
    ['a page', (_request, response) => response.writeHead(200).end('<html>site under construction</html>')],
    ['no id', json({ Url: null })],
    ['another kind of id', json({ OrgId: '005xx000001SwiUAAS' })],
    ['a broken id', json({ OrgId: '00Dxx0000001gPLAAA' })],
    ['a list', json([ORG_ID])],
    ['about another host', json({ OrgId: ORG_ID, Url: 'https://other.my.salesforce.com' })],
    ['a redirect', (_request, response) => response.writeHead(302, { location: 'https://new.my.salesforce.com/' }).end()],
    ['endless', (_request, response) => response.writeHead(200).end(' '.repeat(300_000))],
  ])('is not told: %s', async (_name, answer) => {
    org.answers[PATH] = answer
    expect(await ask()).toEqual({ ok: false, reason: 'not_told' })
  })

  it.each([420, 429, 500, 503])('is unreachable at %d', async (status) => {
    org.answers[PATH] = json({}, status)
    expect(await ask()).toEqual({ ok: false, reason: 'unreachable' })
  })

  it('is unreachable when nobody answers in time, or the connection is cut', async () => {
    org.answers[PATH] = () => {}
    expect(await ask({ timeoutMs: 50 })).toEqual({ ok: false, reason: 'unreachable' })
    org.answers[PATH] = (request) => request.socket.destroy()
    expect(await ask()).toEqual({ ok: false, reason: 'unreachable' })
  })

  it.each([
    'https://evil.example',
    'https://acme.my.salesforce.com.evil.example',
    'https://acme.my.salesforce.com@evil.example',
    'https://login.salesforce.com',
    'https://test.salesforce.com',
    'https://na12.salesforce.com',
    'not a url',
  ])('2. %s is not asked', async (instanceUrl) => {
    const provider = { name: 'salesforce', family: 'salesforce' } as Provider
    expect(await ask({ instanceUrl, provider })).toEqual({ ok: false, reason: 'not_told' })
  })
})
