import { request } from 'node:https'
import { createServer } from 'node:net'
import { createTestCa } from '@hawser/testkit/test-ca.ts'
import { afterEach, describe, expect, it } from 'vitest'
import type { FakeSalesforce, FakeSalesforceOptions } from './fake-salesforce.ts'
import { startFakeSalesforce } from './start.ts'
import { connect, data, send } from './testing/browser.ts'

const open: FakeSalesforce[] = []

async function start(options: FakeSalesforceOptions): Promise<FakeSalesforce> {
  const fake = await startFakeSalesforce(options)
  open.push(fake)
  return fake
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((fake) => fake.close()))
})

describe('one listener that routes on Host', () => {
  it('tells hosts apart', async () => {
    const fake = await start({})
    const uat = 'https://acme--uat.sandbox.my.salesforce.com'
    expect(fake.url('org:acme-uat')).toBe(uat)
    expect(fake.url('org:acme')).toBe('https://acme.my.salesforce.com')
    expect(fake.url('org:dev')).toBe('https://dev-dev-ed.develop.my.salesforce.com')
    expect((await send(fake, `${uat}/services/data`)).json.at(-1)).toEqual({
      label: "Summer '26",
      url: '/services/data/v67.0',
      version: '67.0',
    })
    expect((await send(fake, `${uat.toUpperCase().replace('HTTPS', 'https')}/services/data`)).status).toBe(200)
    expect((await send(fake, 'https://test.salesforce.com/services/data')).json[0].errorCode).toBe('URL_NOT_RESET')
    expect((await send(fake, 'https://nobody.my.salesforce.com/services/data')).status).toBe(420)
    expect(Object.keys(fake.urls())).toContain('org:globex-uat')
  })

  it('speaks https with real-looking names', async () => {
    const ca = createTestCa()
    const fake = await start({ tls: ca.issue(['acme--uat.sandbox.my.salesforce.com']) })
    const status = await new Promise((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port: fake.port,
        servername: 'acme--uat.sandbox.my.salesforce.com',
        ca: ca.caPem,
        path: '/services/data',
      }
      const headers = { host: 'acme--uat.sandbox.my.salesforce.com' }
      request({ ...options, headers, agent: false }, (response) => resolve(response.statusCode))
        .on('error', reject)
        .end()
    })
    expect(status).toBe(200)
  })

  it('has no control API on the same port', async () => {
    const fake = await start({})
    const url = `https://acme.my.salesforce.com/__/${fake.controlToken}/state`
    expect((await send(fake, url)).status).toBe(404)
  })

  it('refuses on the hosts of the user interface, and never answers JSON there', async () => {
    const fake = await start({})
    const lightning = fake.url('lightning')
    const setup = fake.url('setup')
    expect(lightning).toBe('https://acme.lightning.force.com')
    expect(setup).toBe('https://acme.my.salesforce-setup.com')
    const form = { grant_type: 'refresh_token' }
    for (const host of [lightning, setup]) {
      expect((await send(fake, `${host}/services/oauth2/token`, { form })).json.error_description).toBe(
        'request not supported on this domain',
      )
    }
    const moved = await send(fake, `${lightning}/services/data/v67.0/limits`)
    expect([moved.status, moved.headers.location]).toEqual([302, 'https://acme.my.salesforce.com/?ec=302'])
    const page = await send(fake, `${setup}/services/data/v67.0/limits`)
    expect([page.status, page.json]).toEqual([200, undefined])
    expect(page.headers['content-type']).toContain('text/html')
  })
})

describe('one port per role', () => {
  it('answers with URLs of its ports, orgs that come later included', async () => {
    const fake = await start({ ports: {} })
    const tokens = await connect(fake, { at: 'test' })
    expect(tokens['instance_url']).toBe(fake.url('org:acme-uat'))
    expect(tokens['id']).toMatch(new RegExp(`^${fake.url('test')}/id/00D`))
    expect((await data(fake, tokens, '/limits')).status).toBe(200)
    await fake.addOrg({ key: 'late', kind: 'production' })
    expect((await send(fake, `${fake.url('org:late')}/services/data`)).status).toBe(200)
    expect((await send(fake, `${fake.url('setup')}/services/data`)).headers['content-type']).toContain('text/html')
  })

  it('does not start when a port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    await expect(startFakeSalesforce({ ports: { 'org:dev': port } })).rejects.toThrow('EADDRINUSE')
    taken.close()
  })
})
