import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PASSWORD, startPeopleRig, tokenOf, type Browser, type Rig } from './people-rig.ts'

let rig: Rig
let owner: Browser
beforeAll(async () => {
  rig = await startPeopleRig()
  owner = await rig.owner()
})
afterAll(() => rig?.close())

const everywhere = (role: string) => [{ environment: null, role }]
const idOf = async (browser: Browser): Promise<string> => (await browser.get('/people/me')).body.data.id
const invite = (email: string, roles: unknown = everywhere('viewer')) => owner.post('/people/invitations', { email, roles })

describe('an invitation', () => {
  it('is shown once, for one address, and works once', async () => {
    const made = (
      await invite('Vera@Example.com', [
        { environment: 'dev', role: 'developer' },
        { environment: null, role: 'viewer' },
      ])
    ).body.data
    expect(made.url).toMatch(/\/dashboard\/invitation#[A-Za-z0-9_-]{43}$/)
    expect(JSON.stringify((await owner.get('/people/invitations')).body)).not.toContain(tokenOf(made.url))
    expect((await invite('vera@example.com')).code).toBe('conflict')
    const token = tokenOf(made.url)
    const read = await rig.browser().post('/accounts/link', { token })
    expect(read.body.data).toMatchObject({ kind: 'invitation', email: 'vera@example.com', invited_by: 'Olga Owner' })
    // The address is the invitation’s: there is no field for another.
    const withEmail = { token, name: 'V', password: PASSWORD, email: 'evil@example.com' }
    expect((await rig.browser().post('/accounts/accept-invitation', withEmail)).code).toBe('invalid_body')
    const vera = rig.browser()
    expect((await vera.post('/accounts/accept-invitation', { token, name: 'Vera', password: PASSWORD })).status).toBe(200)
    expect((await rig.browser().post('/accounts/accept-invitation', { token, name: 'V', password: PASSWORD })).code).toBe('unknown_link')
    const me = (await vera.get('/people/me')).body.data
    expect(me).toMatchObject({ email: 'vera@example.com', owner: false })
    expect(me.environments.map(({ name, role }: { name: string; role: string }) => [name, role])).toEqual([
      ['dev', 'developer'],
      ['prod', 'viewer'],
    ])
  })

  it('ends after seven days, and when it is taken back', async () => {
    const late = tokenOf((await invite('late@example.com')).body.data.url)
    const made = (await invite('never@example.com')).body.data
    expect((await owner.send('DELETE', `/people/invitations/${made.id}`)).status).toBe(200)
    const accept = (token: string) => rig.browser().post('/accounts/accept-invitation', { token, name: 'x', password: PASSWORD })
    expect((await accept(tokenOf(made.url))).code).toBe('unknown_link')
    rig.clock.advance(7 * 86_400_000 + 1000)
    expect((await accept(late)).code).toBe('unknown_link')
    await owner.post('/accounts/sign-in', { email: 'owner@example.com', password: PASSWORD })
  })

  it('names environments that exist, and no owner of one alone', async () => {
    expect((await invite('x@example.com', [{ environment: 'nowhere', role: 'viewer' }])).code).toBe('invalid_body')
    expect((await invite('x@example.com', [{ environment: 'dev', role: 'owner' }])).code).toBe('invalid_body')
    expect((await invite('owner@example.com')).code).toBe('conflict')
  })
})

describe('roles', () => {
  it('change for open sessions at once, on other nodes within a second', async () => {
    const dora = await rig.joined('dora@example.com', [{ environment: null, role: 'developer' }])
    const other = (await rig.anotherNode()).browser()
    other.cookies.set('hawser_session', dora.cookies.get('hawser_session')!)
    expect((await other.get('/people/me')).body.data.environments[0].role).toBe('developer')
    const changed = await owner.send('PATCH', `/people/${await idOf(dora)}`, { roles: [{ environment: 'prod', role: 'support' }] })
    expect(changed.body.data.roles).toEqual([{ environment: 'prod', role: 'support' }])
    expect((await dora.get('/people/me')).body.data.environments).toMatchObject([{ name: 'prod', role: 'support' }])
    expect((await dora.get('/connections', { 'hawser-environment': 'dev' })).code).toBe('not_found')
    await expect.poll(async () => (await other.get('/people/me')).body.data.environments[0].role, { timeout: 1000 }).toBe('support')
  })

  it('of the last owner cannot be taken away, also by two owners at once', async () => {
    const id = await idOf(owner)
    expect((await owner.send('PATCH', `/people/${id}`, { roles: everywhere('viewer') })).code).toBe('last_owner')
    expect((await owner.send('DELETE', `/people/${id}`)).code).toBe('last_owner')
    const second = await rig.joined('second@example.com', [{ environment: null, role: 'owner' }])
    const answers = await Promise.all([
      owner.send('PATCH', `/people/${await idOf(second)}`, { roles: everywhere('viewer') }),
      second.send('PATCH', `/people/${id}`, { roles: everywhere('viewer') }),
    ])
    expect(answers.map((answer) => answer.code ?? answer.status).sort()).toEqual([200, 'last_owner'])
    if (answers[1]!.status === 200) {
      await second.send('PATCH', `/people/${id}`, { roles: everywhere('owner') })
      await owner.send('PATCH', `/people/${await idOf(second)}`, { roles: everywhere('viewer') })
    }
  })

  it('are given by owners alone', async () => {
    for (const role of ['developer', 'support', 'viewer'] as const) {
      const browser = await rig.joined(`${role}@example.com`, [{ environment: null, role }])
      const me = await idOf(browser)
      expect((await browser.get('/people')).code).toBe('forbidden')
      expect((await browser.send('PATCH', `/people/${me}`, { roles: everywhere('owner') })).code).toBe('forbidden')
      expect((await browser.post('/people/invitations', { email: 'e@example.com', roles: everywhere('owner') })).code).toBe('forbidden')
      expect((await browser.post(`/people/${me}/password-link`)).code).toBe('forbidden')
      expect((await browser.post('/environments', { name: 'mine' })).code).toBe('forbidden')
    }
  })
})

describe('a person', () => {
  it('who was removed is out at once', async () => {
    const gone = await rig.joined('gone@example.com', [{ environment: null, role: 'viewer' }])
    expect((await owner.send('DELETE', `/people/${await idOf(gone)}`)).status).toBe(200)
    expect((await gone.get('/people/me')).code).toBe('not_signed_in')
    expect((await rig.browser().post('/accounts/sign-in', { email: 'gone@example.com', password: PASSWORD })).code).toBe('wrong_sign_in')
  })

  it('gets a new password by a link that an owner made, which works once and ends her sessions', async () => {
    const lost = await rig.joined('lost@example.com', [{ environment: null, role: 'viewer' }])
    const link = async () => (await owner.post(`/people/${await idOf(lost)}/password-link`)).body.data.url as string
    const [older, newer] = [await link(), await link()]
    const set = (url: string) => rig.browser().post('/accounts/set-password', { token: tokenOf(url), password: 'lantern gravel piano' })
    expect((await set(older)).code).toBe('unknown_link')
    expect((await set(newer)).status).toBe(200)
    expect((await set(newer)).code).toBe('unknown_link')
    expect((await lost.get('/people/me')).code).toBe('not_signed_in')
    expect((await lost.post('/accounts/sign-in', { email: 'lost@example.com', password: 'lantern gravel piano' })).status).toBe(200)
  })

  it('sees new environments when she may see all', async () => {
    expect((await owner.post('/environments', { name: 'staging' })).status).toBe(200)
    expect((await owner.get('/environments')).body.data.map(({ name }: { name: string }) => name)).toContain('staging')
    expect((await owner.get('/connections', { 'hawser-environment': 'staging' })).body.principal).toMatchObject({
      environmentName: 'staging',
    })
  })
})

describe('a proof of who one is', () => {
  it('is asked for after 15 minutes, by the server', async () => {
    await owner.post('/accounts/confirm', { password: PASSWORD })
    expect((await owner.post('/environment/revoke', { dry_run: true })).status).toBe(200)
    rig.clock.advance(15 * 60_000)
    expect((await owner.post('/environment/revoke', { dry_run: true })).code).toBe('confirm_identity')
    expect((await owner.post('/people/invitations', { email: 'e@example.com', roles: everywhere('viewer') })).code).toBe('confirm_identity')
    expect((await owner.get('/connections')).status).toBe(200)
    expect((await owner.post('/accounts/confirm', { password: 'wrong wrong' })).code).toBe('wrong_sign_in')
    expect((await owner.post('/accounts/confirm', { password: PASSWORD })).status).toBe(200)
    expect((await owner.post('/environment/revoke', { dry_run: true })).status).toBe(200)
  })

  it('goes with a wish to see secrets, without which nobody is shown any', async () => {
    const scopes = async (headers = {}) => (await owner.get('/connections/x?provider_config_key=y', headers)).body
    expect((await scopes()).principal.scopes).not.toContain('environment:connections:read_credentials')
    expect((await scopes({ 'hawser-reveal': 'true' })).principal.scopes).toContain('environment:connections:read_credentials')
    rig.clock.advance(15 * 60_000)
    expect((await scopes({ 'hawser-reveal': 'true' })).error.code).toBe('confirm_identity')
    const viewer = rig.browser()
    await viewer.post('/accounts/sign-in', { email: 'viewer@example.com', password: PASSWORD })
    const shown = await viewer.get('/connections/x?provider_config_key=y', { 'hawser-reveal': 'true' })
    expect(shown.body.principal.scopes).not.toContain('environment:connections:read_credentials')
  })
})
