import { describe, expect, it } from 'vitest'
import { secret } from '#lib/secret.ts'
import { deployFailure, deployZipTo } from './org-deploy.ts'
import { openOrg, OrgFailure, plain, type Org } from './org-api.ts'
import { permissionsIn } from './org-facts.ts'
import { credentialsOf, stagedIn } from './org-credentials.ts'
import type { World } from './world.ts'

const TOKEN = '00D000000000000!AQEAQtoken'
const VERSIONS = [{ version: '66.0' }, { version: '67.0' }, { version: 'x' }]

interface Sent {
  url: string
  init: RequestInit
}

/** An org that answers the version list, and then as told. */
function orgThat(answer: (sent: Sent) => Response | Promise<Response>): { org: Org; world: World; sent: Sent[] } {
  const sent: Sent[] = []
  const world = {
    env: {},
    now: () => 0,
    sleep: async () => {},
    say: () => {},
    fetch: async (url: string, init: RequestInit) => {
      if (url.endsWith('/services/data')) return Response.json(VERSIONS)
      sent.push({ url, init })
      return answer({ url, init })
    },
  } as unknown as World
  const org = openOrg(world, { instanceUrl: 'https://acme.my.salesforce.com', accessToken: secret(TOKEN), name: 'acme' })
  return { org, world, sent }
}

const call = (answer: () => Response | Promise<Response>) => orgThat(answer).org.call({ path: 'limits', doing: 'asking' })
const refusal = (status: number, errorCode: string, message: string) => Response.json([{ errorCode, message }], { status })

describe('a call to an org', () => {
  it('uses its newest version, and sends the token by header alone, and no further', async () => {
    const { org, sent } = orgThat(() => Response.json({ ok: true }))
    expect(await org.call({ path: 'limits', doing: 'asking' })).toEqual({ ok: true })
    expect(sent[0]!.url).toBe('https://acme.my.salesforce.com/services/data/v67.0/limits')
    expect(sent[0]!.init).toMatchObject({ redirect: 'manual', headers: { authorization: `Bearer ${TOKEN}` } })
    expect(sent[0]!.init.signal).toBeInstanceOf(AbortSignal)
  })

  it('may send no session at all', async () => {
    const { org, sent } = orgThat(() => new Response('Missing_OAuth_Token', { status: 403 }))
    expect(await org.look({ path: '/id/x', session: 'none', doing: 'looking' })).toMatchObject({ status: 403, body: 'Missing_OAuth_Token' })
    expect(JSON.stringify(sent[0]!.init.headers)).not.toContain('Bearer')
    await org.look({ path: '/id/x', session: 'invalid', doing: 'looking' })
    expect(JSON.stringify(sent[1]!.init.headers)).not.toContain(TOKEN)
  })

  it.each<[string, () => Response | Promise<Response>, RegExp]>([
    [
      'a redirect',
      () => new Response(null, { status: 302, headers: { location: 'https://evil.example' } }),
      /redirect \(302\), which is not followed/,
    ],
    [
      'an ended session',
      () => refusal(401, 'INVALID_SESSION_ID', 'Session expired or invalid'),
      /401 INVALID_SESSION_ID.*\n.*Why.*\n.*sf org login web/,
    ],
    ['a limit', () => refusal(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'), /REQUEST_LIMIT_EXCEEDED.*\n.*Why/],
    ['an outage', () => new Response('<html>busy</html>', { status: 503 }), /Asking failed: acme\.my\.salesforce\.com answered 503/],
    ['no JSON', () => new Response('<html>'), /could not be read/],
    ['too much', () => new Response(new Uint8Array(9 * 1024 * 1024)), /could not be read/],
    [
      'no network',
      () => Promise.reject(Object.assign(new TypeError('x'), { cause: { code: 'ENOTFOUND' } })),
      /cannot be reached \(ENOTFOUND\)/,
    ],
    ['no answer', () => Promise.reject(new DOMException('x', 'TimeoutError')), /no answer within 30 s/],
  ])('%s is a sentence', async (_name, answer, sentence) => {
    const failure = await call(answer).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(OrgFailure)
    expect((failure as OrgFailure).message).toMatch(sentence)
    expect(JSON.stringify(failure) + (failure as OrgFailure).message).not.toContain(TOKEN)
  })

  it('lets no text of the org command the terminal', async () => {
    const failure = await call(() => refusal(400, 'X', '\u001b[2Jgone\r\nline')).catch((error: unknown) => error)
    expect((failure as OrgFailure).message).toContain('"[2Jgone line"')
    expect(plain('a\u202eb\u0000c')).toBe('a b c')
  })
})

describe('permissions', () => {
  it('are asked for one by one where the org does not know one of them', async () => {
    const { org } = orgThat(({ url }) => {
      const soql = new URL(url).searchParams.get('q')!
      if (soql.includes('ViewClientSecret')) return refusal(400, 'INVALID_FIELD', 'No such column')
      const [name = ''] = soql.match(/Permissions\w+/) ?? []
      return Response.json({ records: [{ [name]: name === 'PermissionsModifyMetadata' }] })
    })
    expect(await permissionsIn(org)).toMatchObject({ viewClientSecret: undefined, modifyMetadata: true, apiEnabled: false })
  })
})

const APP = { id: '0xI000000000001', apiName: 'App' }

describe('credentials', () => {
  it('are asked for by the identifier of the usage list, and by the app’s id where that is closed', async () => {
    const asked: string[] = []
    const listing = (answer: () => Response) =>
      orgThat(({ url }) => {
        asked.push(new URL(url).pathname.split('/').slice(5).join('/'))
        return url.includes('/usage') ? answer() : Response.json({ consumers: [] })
      }).org
    await credentialsOf(
      listing(() => Response.json({ apps: [{ developerName: 'App', identifier: 'IDENTIFIER' }] })),
      APP,
    )
    await credentialsOf(
      listing(() => refusal(403, 'NOT_FOUND', 'feature is not enabled')),
      APP,
    )
    expect(asked).toEqual(['oauth/usage', 'oauth/credentials/IDENTIFIER', 'oauth/usage', `oauth/credentials/${APP.id}`])
  })

  it.each([403, 404, 400])('%i: the API hides them', async (status) => {
    const { org } = orgThat(() => refusal(status, 'NOT_FOUND', 'feature is not enabled'))
    expect(await credentialsOf(org, APP)).toMatchObject({ refused: { status } })
  })

  it.each<[number, string]>([
    [401, 'INVALID_SESSION_ID'],
    [403, 'REQUEST_LIMIT_EXCEEDED'],
    [503, 'SERVER_UNAVAILABLE'],
  ])('%i %s is no sign of that', async (status, code) => {
    await expect(credentialsOf(orgThat(() => refusal(status, code, 'x')).org, APP)).rejects.toThrow(OrgFailure)
  })

  it('are not there when the app has no consumer, or the org keeps the secret', async () => {
    expect(await credentialsOf(orgThat(() => Response.json({ consumers: [] })).org, APP)).toHaveProperty('refused')
    const { org } = orgThat(({ url }) => Response.json(url.includes('part=') ? { key: 'K' } : { consumers: [{ id: '888', key: 'K' }] }))
    expect(await credentialsOf(org, APP)).toHaveProperty('refused')
  })

  it('are never shown by accident', async () => {
    const stagedCredentials = [{ id: '1', key: 'K', secret: 'S3CRET', state: 'Active' }]
    const [staged] = await stagedIn(orgThat(() => Response.json({ stagedCredentials })).org, APP, '888')
    expect(staged).toMatchObject({ key: 'K', state: 'Staged' })
    expect(JSON.stringify(staged)).not.toContain('S3CRET')
  })
})

describe('a deployment', () => {
  const ID = '0Af5g00000ABCdeCAD'
  const deployThat = (...results: object[]) =>
    orgThat(({ init }) =>
      Response.json({ id: ID, deployResult: init.method === 'POST' ? { done: false } : results.length > 1 ? results.shift() : results[0] }),
    )
  const run = ({ org, world }: ReturnType<typeof orgThat>) => deployZipTo(world, org, Buffer.from('zip bytes'), { checkOnly: true })

  it('is one multipart request, then questions until it is done', async () => {
    const made = deployThat({ done: false }, { done: true, success: true, details: { componentSuccesses: { problem: 'careful' } } })
    expect(await run(made)).toEqual({ ok: true, id: ID, warnings: ['careful'] })
    const body = Buffer.from(made.sent[0]!.init.body as Uint8Array).toString()
    expect(body).toMatch(
      /name="json"\r\nContent-Type: application\/json\r\n\r\n\{"deployOptions":\{"checkOnly":true,"rollbackOnError":true/,
    )
    expect(body).toContain('\r\n\r\nzip bytes\r\n--hawser-')
    expect(made.sent).toHaveLength(3)
  })

  it('tells one problem as well as several', async () => {
    const one = { componentType: 'X', fullName: 'Y', problem: 'DUPLICATE_VALUE: taken' }
    const failed = { done: true, success: false, status: 'Failed' }
    const [single, several] = await Promise.all([
      run(deployThat({ ...failed, details: { componentFailures: one } })),
      run(deployThat({ ...failed, details: { componentFailures: [one, { problem: null }] } })),
    ])
    expect(single).toMatchObject({ ok: false, problems: [{ type: 'X', component: 'Y', message: 'DUPLICATE_VALUE: taken' }] })
    expect(several).toMatchObject({ ok: false, problems: [{ type: 'X' }, { message: 'no reason given' }] })
    if (single.ok) throw new Error('it is not')
    expect(deployFailure(single).message).toMatch(/X Y: DUPLICATE_VALUE: taken\n +Why: .*\n +Do: /)
  })

  it('is not waited for without an end', async () => {
    const made = deployThat({ done: false })
    await expect(run(made)).rejects.toThrow('is not done after 10 minutes')
    expect(made.sent.length).toBeLessThan(400)
  })

  it.each([{ id: '../../x' }, {}])('without an id is a failure: %j', async (answer) => {
    await expect(run(orgThat(() => Response.json(answer)))).rejects.toThrow('no deployment id')
  })
})
