/** Line 15: what may come with a cookie, and from where. And who may call what. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scopesOfRole, roles, type Role } from '@hawser/api/roles.ts'
import type { Route } from '@hawser/api/route.ts'
import { peopleRoutes, routes } from '@hawser/api/routes.ts'
import { ORIGIN, startPeopleRig, type Browser, type Rig } from './people-rig.ts'

let rig: Rig
let owner: Browser
const people = new Map<Role, Browser>()
beforeAll(async () => {
  rig = await startPeopleRig()
  owner = await rig.owner()
  people.set('owner', owner)
  for (const role of roles.filter((one) => one !== 'owner'))
    people.set(role, await rig.joined(`${role}@example.com`, [{ environment: null, role }]))
})
afterAll(() => rig?.close())

type Headers = Record<string, string | undefined>
const from: [string, Headers, 'own' | 'foreign'][] = [
  ['a page of ours', {}, 'own'],
  ['a page of ours in a browser without Fetch Metadata', { 'sec-fetch-site': undefined, origin: ORIGIN }, 'own'],
  ['a page of ours, without Origin', { origin: undefined }, 'own'],
  ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 'foreign'],
  ['another site that forges nothing but the header', { 'sec-fetch-site': 'cross-site', origin: 'null' }, 'foreign'],
  ['a neighbour (same site, other origin)', { 'sec-fetch-site': 'same-site', origin: 'http://app.localhost:3003' }, 'foreign'],
  ['another site in an old browser', { 'sec-fetch-site': undefined, origin: 'https://evil.example' }, 'foreign'],
  ['a sandboxed frame in an old browser', { 'sec-fetch-site': undefined, origin: 'null' }, 'foreign'],
  ['another port of this machine', { 'sec-fetch-site': undefined, origin: 'http://localhost:3005' }, 'foreign'],
]

describe('15. a call with the cookie', () => {
  const paths: Record<string, string> = {
    GET: '/connections',
    POST: '/integrations',
    PATCH: '/environment',
    DELETE: '/integrations/x',
    PUT: '/integrations/x/clients/staged',
  }
  for (const [method, path] of Object.entries(paths))
    it.each(from)(`${method} from %s`, async (_name, headers, what) => {
      const answer = await owner.send(method, path, undefined, headers)
      expect(answer.code === 'foreign_page').toBe(what === 'foreign')
      if (what === 'own') expect(answer.status).not.toBe(401)
    })

  it.each(['POST', 'PATCH', 'DELETE', 'PUT'])('%s needs a header that no form can send', async (method) => {
    const answer = await owner.send(method, paths[method]!, undefined, { 'hawser-environment': undefined })
    expect(answer.code).toBe('foreign_page')
  })

  it('neither origin nor Fetch Metadata: only reading', async () => {
    const neither = { 'sec-fetch-site': undefined, origin: undefined }
    expect((await owner.get('/connections', neither)).status).toBe(200)
    expect((await owner.post('/integrations', undefined, neither)).code).toBe('foreign_page')
  })

  it('by a typed address: only reading', async () => {
    expect((await owner.get('/connections', { 'sec-fetch-site': 'none' })).status).toBe(200)
    expect((await owner.post('/integrations', undefined, { 'sec-fetch-site': 'none', origin: undefined })).code).toBe('foreign_page')
  })

  it('is answered to no other origin: neither credentials nor the header pass a preflight', async () => {
    const preflight = await owner.send('OPTIONS', '/connections', undefined, {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
    })
    expect(preflight.headers['access-control-allow-credentials']).toBeUndefined()
    expect(String(preflight.headers['access-control-allow-headers']).toLowerCase()).not.toContain('hawser-environment')
  })

  it('of endpoints for people alone knows no other origin at all', async () => {
    expect((await owner.get('/people/me')).headers['access-control-allow-origin']).toBeUndefined()
    const preflight = await owner.send('OPTIONS', '/accounts/sign-in', undefined, { origin: 'https://evil.example' })
    expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([404, undefined])
  })

  it('and with a key is the key’s', async () => {
    const answer = await owner.get('/connections', { authorization: `Bearer hws_dev_${'a'.repeat(43)}` })
    expect(answer.body.principal.kind).toBe('key')
  })

  it.each((peopleRoutes as readonly Route[]).filter((route) => route.access.page).map((route) => route.path))(
    'login CSRF: %s takes no call from elsewhere',
    async (path) => {
      for (const [, headers, what] of from) {
        const answer = await rig.browser().post(path, {}, headers)
        expect(answer.code).toBe(what === 'own' ? 'invalid_body' : 'foreign_page')
      }
    },
  )
})

const pathOf = (route: Route) => route.path.replaceAll(/:[A-Za-z]+\*?/g, '018f0000-0000-7000-8000-000000000000')
const UNSAFE_TO_TRY = new Set(['signOut', 'deleteSessions'])

describe('roles', () => {
  const asked = ([...routes, ...peopleRoutes] as readonly Route[]).filter((route) => !UNSAFE_TO_TRY.has(route.name))
  it.each(asked.map((route) => [route.name, route] as const))('%s', async (_name, route) => {
    const found: Record<string, unknown> = {}
    const expected: Record<string, unknown> = {}
    for (const [role, browser] of people) {
      const held = scopesOfRole[role] as readonly string[]
      const wanted = route.access.key ?? route.access.person
      const answer = await browser.send(route.method, `${pathOf(route)}?nonsense=1`, undefined, { 'hawser-reveal': 'true' })
      found[role] = answer.code === 'forbidden' || answer.status === 401 ? 'refused' : 'admitted'
      const open = route.access.open || route.access.page
      expected[role] = open || wanted?.length === 0 || wanted?.some((scope) => held.includes(scope)) ? 'admitted' : 'refused'
    }
    expect(found).toEqual(expected)
  })

  it('hold what the documentation says', () => {
    const may = (role: Role, scope: string) => (scopesOfRole[role] as readonly string[]).includes(scope)
    for (const role of ['developer', 'support', 'viewer'] as const)
      for (const scope of [
        'environment:connections:read_credentials',
        'environment:connections:list_credentials',
        'environment:connections:read_refresh_token',
        'environment:integrations:read_credentials',
        'people:read',
        'people:write',
        'environments:create',
      ])
        expect(may(role, scope)).toBe(false)
    for (const role of ['support', 'viewer'] as const)
      expect(scopesOfRole[role].filter((scope) => /(create|update|delete|write|proxy)$/.test(scope))).toEqual(
        role === 'support' ? ['environment:connect_sessions:write'] : [],
      )
  })

  it('are of no use to keys: people’s endpoints are for people', async () => {
    const key = { authorization: `Bearer hws_dev_${'a'.repeat(43)}` }
    for (const route of (peopleRoutes as readonly Route[]).filter(({ access }) => access.person)) {
      const answer = await rig.browser().send(route.method, pathOf(route), undefined, key)
      expect([route.name, answer.code]).toEqual([route.name, 'forbidden'])
      const nobody = await rig.browser().send(route.method, pathOf(route))
      expect([route.name, nobody.code]).toEqual([route.name, 'not_signed_in'])
    }
  })

  it('a warm call costs no statement', async () => {
    await owner.get('/connections')
    const before = rig.store.db.statements
    for (let n = 0; n < 5; n++) expect((await owner.get('/connections')).status).toBe(200)
    expect(rig.store.db.statements).toBe(before)
  })
})
