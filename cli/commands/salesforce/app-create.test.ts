import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRig, type Rig } from './salesforce-rig.ts'

let rig: Rig
beforeAll(async () => void (rig = await startRig()))
afterAll(() => rig.close())

const ACME = ['--name', 'Acme Sync', '--contact-email', 'ops@acme.example'] as const
const create = (folder: string, ...more: string[]) => rig.run('salesforce', 'app', 'create', join(rig.folder, folder), ...more)

describe('hawser salesforce app create', () => {
  it("writes the app of the guide, with the server's own callback URL and without a secret", async () => {
    const made = await create('guide', ...ACME)
    expect(made.failed).toBe(false)
    expect(made.out).toContain('Wrote "Acme Sync" (Acme_Sync)')
    expect(made.out).toMatch(/Preset as-guide\. \w+/)
    const oauth = await readFile(
      join(rig.folder, 'guide/force-app/main/default/extlClntAppGlobalOauthSets/Acme_Sync_glbloauth.ecaGlblOauth-meta.xml'),
      'utf8',
    )
    expect(oauth).toContain(`<callbackUrl>${rig.server.url}/oauth/callback</callbackUrl>`)
    expect(await rig.written()).not.toMatch(/consumerSecret>|3MVG9/)
    expect(await readFile(join(rig.folder, 'guide/.gitignore'), 'utf8')).toContain('ecaGlblOauth')
  })

  it('takes every field, and says it in JSON', async () => {
    const made = await create(
      'fields',
      ...['--json', '--hardened', ...ACME, '--api-name', 'Acme_2', '--contact-phone', '+49 30 1', '--info-url', 'https://acme.example'],
      ...['--callback-url', 'https://one.example/oauth/callback', '--callback-url', 'https://two.example/oauth/callback'],
      ...['--scope', 'api,refresh_token', '--scope', 'openid', '--refresh-tokens', 'inactivity:30:days', '--session-timeout', '60'],
      ...['--no-rotation', '--idle-limit', '--device', '--ip-relaxation', 'Bypass', '--token-ip-range', '203.0.113.7-203.0.113.9'],
      ...['--permitted-users', 'AdminApprovedPreAuthorized', '--permission-set', 'Sync', '--profile', 'Admin'],
    )
    expect(made.json()).toMatchObject({
      preset: 'hardened',
      costs: expect.stringMatching(/\w/),
      options: {
        apiName: 'Acme_2',
        callbackUrls: ['https://one.example/oauth/callback', 'https://two.example/oauth/callback'],
        scopes: ['api', 'refresh_token', 'openid'],
        refreshTokens: { policy: 'inactivity', period: 30, unit: 'days' },
        sessionTimeoutMinutes: 60,
        rotation: false,
        idleLimit: true,
        flows: { device: true },
        ipRelaxation: 'Bypass',
        tokenIpRanges: [{ start: '203.0.113.7', end: '203.0.113.9' }],
        permittedUsers: 'AdminApprovedPreAuthorized',
        permissionSets: ['Sync'],
        profiles: ['Admin'],
      },
    })
  })

  it('asks for name and address where a person sits', async () => {
    rig.world.ask.interactive = true
    rig.answers = ['Acme Sync', 'ops@acme.example']
    const made = await create('asked', '--json')
    rig.world.ask.interactive = false
    expect(made.json()).toMatchObject({ options: { label: 'Acme Sync', contactEmail: 'ops@acme.example' } })
    expect(rig.questions.slice(-2)).toEqual([expect.stringContaining('Name'), expect.stringContaining('email')])
  })

  it('leaves a folder alone that is not empty, unless forced', async () => {
    await mkdir(join(rig.folder, 'full'))
    await writeFile(join(rig.folder, 'full/notes.txt'), 'mine')
    expect((await create('full', ...ACME)).err).toContain('is not empty')
    expect((await create('full', '--force', ...ACME)).failed).toBe(false)
    expect(await readFile(join(rig.folder, 'full/notes.txt'), 'utf8')).toBe('mine')
  })

  it.each<[string[], RegExp]>([
    [[], /--name: .*\n.*--contact-email/s],
    [[...ACME, '--api-name', '9_x'], /--api-name/],
    [[...ACME, '--callback-url', 'http://acme.example/oauth/callback'], /--callback-url/],
    [[...ACME, '--partner-mandate'], /--token-ip-range/],
    [[...ACME, '--hardened', '--as-guide'], /Choose one preset/],
    [[...ACME, '--org-kind', 'moon'], /--org-kind is one of/],
    [[...ACME, '--distribution', 'Packaged'], /distribution/],
    [[...ACME, '--session-timeout', 'long'], /--session-timeout: "long" is no whole number/],
    [[...ACME, '--refresh-tokens', 'lifetime'], /--refresh-tokens/],
    [[...ACME, '--scope', 'everything'], /--scope/],
  ])('%j is refused, and nothing is written', async (words, sentence) => {
    const refused = await create('refused', ...words)
    expect(refused.failed).toBe(true)
    expect(refused.err).toMatch(sentence)
    expect(await rig.written()).not.toContain('/refused/')
  })

  it('says how to go on when the server does not answer', async () => {
    const refused = await rig.run('salesforce', 'app', 'create', join(rig.folder, 'offline'), ...ACME, '--server', 'http://localhost:9')
    expect(refused.err).toMatch(/did not tell it: .*cannot be reached.*--callback-url/s)
  })
})
