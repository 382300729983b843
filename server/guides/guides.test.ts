import Fastify, { type FastifyInstance } from 'fastify'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registerGuides } from './register-guides.ts'
import { anchorOf, renderGuide } from './render-guide.ts'

const values = { callbackUrl: 'https://hawser.test/oauth/callback', serverUrl: 'https://hawser.test' }
const names = readdirSync(join(import.meta.dirname, '../../docs/guides')).map((file) => file.replace(/\.md$/, ''))

let app: FastifyInstance
beforeAll(async () => {
  app = Fastify()
  registerGuides(app, values)
  await app.ready()
})
afterAll(() => app.close())

const get = async (url: string) => app.inject({ method: 'GET', url })

describe('a guide', () => {
  it.each(names)('%s is served, and its links to other guides lead somewhere', async (name) => {
    const page = await get(`/guides/${name}`)
    expect(page.statusCode).toBe(200)
    expect(page.body).not.toContain('&lt;callback URL&gt;')
    for (const [, target, anchor] of page.body.matchAll(/href="(\/guides\/[^"#]*)(?:#([^"]*))?"/g)) {
      const linked = await get(target!)
      expect(linked.statusCode, target).toBe(200)
      if (anchor) expect(linked.body, `${target}#${anchor}`).toContain(`id="${anchor}"`)
    }
  })

  it('holds the reader’s own callback URL', async () => {
    const { html } = renderGuide('# T\n\nEnter `<callback URL>` of <server URL>.', values)
    expect(html).toContain('<code>https://hawser.test/oauth/callback</code>')
    expect(html).toContain('<a href="https://hawser.test">')
  })

  it('runs nothing and loads nothing', async () => {
    const page = await get('/guides/connect-a-salesforce-sandbox')
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; img-src data:; style-src 'sha256-[^']+';/)
    expect(page.body).not.toMatch(/<script|<img|src="http/)
    expect(renderGuide('# T\n\n![Alt](../images/a.png)', values).html).not.toContain('a.png')
    expect(renderGuide('# T\n\n<script>alert(1)</script>', values).html).not.toContain('<script>')
  })

  it('is listed', async () => {
    const page = await get('/guides/')
    for (const name of names) expect(page.body).toContain(`href="/guides/${name}"`)
    expect((await get('/guides')).headers.location).toBe('/guides/')
  })

  it.each(['../../package', '..%2f..%2fpackage', 'nope', 'README.md'])('%s is not found', async (name) => {
    expect((await get(`/guides/${name}`)).statusCode).toBe(404)
  })
})

it.each([
  ['1. Your callback URL', '1-your-callback-url'],
  ['`client-id-unknown`', 'client-id-unknown'],
  ["A customer's own app", 'a-customers-own-app'],
])('%s gets the anchor %s', (heading, anchor) => expect(anchorOf(heading)).toBe(anchor))
