import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { secret } from '#lib/secret.ts'
import { mergeOrgFacts } from './org-facts.ts'
import { answerAll, json, ORG_ID, ORG_ROW, startOrg, type OrgForTests } from './org-for-tests.ts'
import { readOrgFacts, type OrgQuestions } from './read-org-facts.ts'

const QUERY = '/services/data/v'
const USER = '/services/oauth2/userinfo'
const SESSION = '/services/oauth2/introspect'
const noted: string[] = []
let org: OrgForTests
beforeAll(async () => {
  org = await startOrg()
})
afterAll(() => org.close())
beforeEach(() => {
  org.seen.length = 0
  noted.length = 0
  answerAll(org.answers)
})

const read = (change: Partial<OrgQuestions> = {}) =>
  readOrgFacts({
    ...{ egress: org.egress, provider: org.provider, instanceUrl: org.origin, orgId: ORG_ID.slice(0, 15), userId: '005xx000001SwiU' },
    accessToken: 'the-token',
    client: { clientId: 'key', clientSecret: secret('s3cret') },
    now: Date.parse('2026-11-23T12:00:00Z'),
    noteUsage: (orgId, header) => void noted.push(`${orgId} ${header}`),
    timeoutMs: 2_000,
    ...change,
  })
const rowOf = (change: object) => json({ records: [{ ...ORG_ROW, ...change }] })

describe('the facts of an org', () => {
  it('are asked at once, the token only where it belongs', async () => {
    expect(await read({ loginHost: 'test.salesforce.com' })).toEqual({
      tokenRefused: false,
      facts: {
        ...{ org_id: ORG_ID, user_id: '005xx000001SwiUAAS', username: 'ann@acme.example', kind: 'sandbox', kind_certain: true },
        ...{ name: 'Acme', organization_type: 'Enterprise Edition', is_sandbox: true, trial_expires_at: null, instance_name: 'CS42' },
        ...{ namespace_prefix: null, instance_url: org.origin, login_host: 'test.salesforce.com' },
        api_versions: { newest: '66.0', release: "Spring '26" },
        session_minutes: 120,
        checked_at: '2026-11-23T12:00:00.000Z',
      },
    })
    expect(noted).toEqual([`${ORG_ID.slice(0, 15)} api-usage=18/15000`])
    const bearers = Object.fromEntries(org.seen.map(({ path, authorization }) => [path.split('?')[0], authorization]))
    expect(bearers).toEqual({
      '/services/data/v62.0/query': 'Bearer the-token',
      '/services/data': undefined,
      [USER]: 'Bearer the-token',
      [SESSION]: undefined,
    })
    expect(org.seen.find(({ path }) => path === SESSION)?.body).toBe(
      'token=the-token&token_type_hint=access_token&client_id=key&client_secret=s3cret',
    )
  })

  it.each([
    ['sandbox', { IsSandbox: true }],
    ['scratch', { IsSandbox: true, TrialExpirationDate: '2030-01-01T00:00:00.000+0000' }],
    ['developer', { IsSandbox: false, OrganizationType: 'Developer Edition' }],
    ['trial', { IsSandbox: false, TrialExpirationDate: '2030-01-01T00:00:00.000+0000' }],
    ['production', { IsSandbox: false }],
  ])('know a %s by its own record', async (kind, row) => {
    org.answers[QUERY] = rowOf(row)
    const { facts } = await read()
    expect(facts).toMatchObject({ kind, kind_certain: true })
    expect(facts.trial_expires_at).toBe('TrialExpirationDate' in row ? '2030-01-01T00:00:00.000Z' : null)
  })

  it('without the record fall back on hosts, and say so', async () => {
    org.answers[QUERY] = json([{ errorCode: 'API_DISABLED_FOR_ORG', message: 'x' }], 403)
    const { facts } = await read({ loginHost: 'test.salesforce.com' })
    expect(facts).toMatchObject({ kind: 'sandbox', kind_certain: false, name: null, is_sandbox: null, username: 'ann@acme.example' })
    expect((await read()).facts).toMatchObject({ kind: 'unknown', kind_certain: false })
  })

  it.each([
    ['the versions', '/services/data', { api_versions: null }],
    ['the user', USER, { username: null, user_id: '005xx000001SwiUAAS' }],
    ['the session', SESSION, { session_minutes: null }],
    ['the record', QUERY, { name: null, kind_certain: false }],
  ])('without %s have the others', async (_name, path, missing) => {
    const { facts: whole } = await read()
    for (const answer of [json('x', 500), json({}, 200), json(null, 404), json('<html>')]) {
      org.answers[path] = answer
      const { facts } = await read()
      expect(facts).toMatchObject(missing)
      const others = Object.entries(whole).filter(([name, value]) => facts[name as keyof typeof facts] === value)
      expect(others.length).toBeGreaterThan(5)
    }
    org.answers[path] = (request) => request.socket.destroy()
    expect((await read()).facts).toMatchObject(missing)
  })

  it('keep the deadline, and what came in time', async () => {
    org.answers[QUERY] = () => {}
    const { facts } = await read({ timeoutMs: 300 })
    expect(facts).toMatchObject({ name: null, username: 'ann@acme.example', session_minutes: 120 })
  })

  it('say nothing of the session to whom the token’s app is not known, or of a session that has ended', async () => {
    expect((await read({ client: undefined })).facts.session_minutes).toBeNull()
    expect(org.seen.map(({ path }) => path)).not.toContain(SESSION)
    org.answers[SESSION] = json({ active: false })
    expect((await read()).facts.session_minutes).toBeNull()
  })

  it('tell a dead token from a missing scope', async () => {
    org.answers[QUERY] = json([{ errorCode: 'INVALID_SESSION_ID', message: 'x' }], 401)
    expect((await read()).tokenRefused).toBe(false)
    org.answers[USER] = (_request, response) => response.writeHead(403).end('Bad_OAuth_Token')
    expect((await read()).tokenRefused).toBe(true)
  })

  it('hold no text that the database refuses, and no endless one', async () => {
    org.answers[QUERY] = rowOf({ Name: `a\u0000b\ud800${'x'.repeat(1000)}`, InstanceName: 5, NamespacePrefix: '' })
    const { facts } = await read()
    expect(facts.name).toMatch(/^a b\ufffdx{251}$/)
    expect(facts).toMatchObject({ instance_name: null, namespace_prefix: null })
  })

  it('2. are not asked of a host that may not get tokens', async () => {
    const { facts } = await read({ instanceUrl: 'https://evil.example' })
    expect(facts).toMatchObject({ name: null, kind: 'unknown' })
    expect(org.seen).toEqual([])
  })
})

describe('facts read again', () => {
  it('replace those before, but for what was not told', async () => {
    const { facts: before } = await read()
    org.answers[QUERY] = json({}, 503)
    const { facts: poor } = await read({ client: undefined, now: Date.parse('2026-11-24T12:00:00Z') })
    expect(mergeOrgFacts(before, poor)).toEqual({ ...before, checked_at: '2026-11-24T12:00:00.000Z' })
    expect(mergeOrgFacts(null, poor)).toBe(poor)
  })

  it('of a trial that became a customer lose its end', async () => {
    org.answers[QUERY] = rowOf({ IsSandbox: false, TrialExpirationDate: '2030-01-01T00:00:00.000+0000' })
    const { facts: trial } = await read()
    org.answers[QUERY] = rowOf({ IsSandbox: false })
    const { facts: paid } = await read()
    expect(mergeOrgFacts(trial, paid)).toMatchObject({ kind: 'production', trial_expires_at: null })
  })

  it('of another org keep nothing of the one before', async () => {
    const { facts: before } = await read()
    org.answers[QUERY] = json({}, 503)
    const { facts: other } = await read({ orgId: '00Dxx0000009zzzEAA', client: undefined })
    expect(mergeOrgFacts(before, other)).toBe(other)
  })
})
