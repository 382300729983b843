import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getProvider as getRoute, listProviders as listRoute } from '@hawser/api/providers.ts'
import { Failure } from '@hawser/api/errors.ts'
import type { Call } from '#http/handler.ts'
import { loadCatalogue } from './catalogue.ts'
import { getProvider } from './get-provider.ts'
import { listProviders } from './list-providers.ts'

const own = fileURLToPath(new URL('../../providers', import.meta.url))

const entry = {
  display_name: 'Acme',
  auth_mode: 'OAUTH2',
  docs: 'https://docs.example.com',
  authorization_url: 'https://acme.example.com/authorize',
  token_url: 'https://acme.example.com/token',
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hawser-catalogue-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

describe('our own entries', () => {
  it('load without a problem and carry the names of their files', async () => {
    const catalogue = await loadCatalogue({ folder: own })
    expect(catalogue.problems).toEqual([])
    expect(catalogue.list().map((provider) => provider.name)).toEqual(['salesforce', 'salesforce-sandbox'])
  })

  it('are Salesforce with PKCE, a refresh token and an automated instance URL', async () => {
    const catalogue = await loadCatalogue({ folder: own })
    for (const provider of catalogue.list()) {
      expect(provider.family).toBe('salesforce')
      expect(provider.disable_pkce).toBeUndefined()
      expect(provider.default_scopes).toEqual(['offline_access', 'api'])
      expect(provider.connection_config?.['instance_url']?.automated).toBe(true)
      expect(provider.proxy?.base_url).toBe('${connectionConfig.instance_url}')
    }
    expect(catalogue.get('salesforce-sandbox')?.authorization_params).toEqual({ prompt: 'login' })
    expect(catalogue.get('salesforce')?.authorization_params).toBeUndefined()
  })
})

describe('entries that an operator brings', () => {
  it('load from a file with one entry, a map in JSON, and memory', async () => {
    const one = await file(
      'one-crm.yaml',
      Object.entries(entry)
        .map(([key, value]) => `${key}: ${value}`)
        .join('\n'),
    )
    const map = await file('map.json', JSON.stringify({ 'two-crm': entry, 'three-crm': { ...entry, display_name: 'Three' } }))
    const catalogue = await loadCatalogue({ folder: own, extra: [one, map], inMemory: { 'four-crm': entry } })
    expect(catalogue.problems).toEqual([])
    expect(catalogue.list().map(({ name }) => name)).toEqual([
      'four-crm',
      'one-crm',
      'salesforce',
      'salesforce-sandbox',
      'three-crm',
      'two-crm',
    ])
  })

  it('keep keys of the public format that have no effect here yet', async () => {
    const catalogue = await loadCatalogue({
      folder: own,
      inMemory: { kept: { ...entry, webhook_routing_script: 'x', proxy: { paginate: { type: 'link' } } } },
    })
    expect(catalogue.problems).toEqual([])
    expect(catalogue.get('kept')?.webhook_routing_script).toBe('x')
    expect(catalogue.get('kept')?.proxy?.paginate).toEqual({ type: 'link' })
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['an unknown key', { tokenurl: 'x' }, 'broken.tokenurl'],
    ['an unknown key inside', { proxy: { base: 'x' } }, 'broken.proxy.base'],
    ['a wrong type', { default_scopes: 'api' }, 'broken.default_scopes'],
    ['a missing address', { token_url: undefined }, 'broken.token_url'],
    ['an address without a scheme', { token_url: 'acme.example.com/token' }, 'broken.token_url'],
    ['plain http', { token_url: 'http://acme.example.com/token' }, 'broken.token_url'],
    ['a value of credentials in an address', { token_url: 'https://${credentials.x}.acme.example.com' }, 'broken.token_url'],
    ['a host outside its family', { family: 'salesforce' }, 'broken.authorization_url'],
    ['a pattern that is none', { connection_config: { a: { type: 'string', pattern: '(' } } }, 'broken.connection_config.a.pattern'],
    ['a host with a star', { allowed_hosts: ['*.example.com'] }, 'broken.allowed_hosts.0'],
    ['an unknown mode', { auth_mode: 'MAGIC' }, 'broken.auth_mode'],
    ['an alias to nobody', { alias: 'nobody' }, 'broken.alias'],
  ])('are refused with path and reason for %s, and the others load', async (_what, change, path) => {
    const catalogue = await loadCatalogue({ folder: own, inMemory: { broken: { ...entry, ...change }, fine: entry } })
    expect(catalogue.get('broken')).toBeUndefined()
    expect(catalogue.get('fine')).toBeDefined()
    expect(catalogue.problems.map((problem) => problem.path)).toContain(path)
    expect(catalogue.problems.every((problem) => problem.reason !== '')).toBe(true)
  })

  it('name the file that is not YAML, and the one that is not there', async () => {
    const bad = await file('bad.yaml', 'a: [1')
    const catalogue = await loadCatalogue({ folder: own, extra: [bad, join(folder, 'absent.yaml')] })
    expect(catalogue.problems.map((problem) => problem.file)).toEqual([bad, join(folder, 'absent.yaml')])
    for (const { reason } of catalogue.problems) expect(reason).toMatch(/^[^\n]+[^\n:]$/)
    expect(catalogue.list()).toHaveLength(2)
  })

  it('do not replace ours under the same name', async () => {
    const path = await file('salesforce.json', JSON.stringify({ ...entry, display_name: 'Not Salesforce' }))
    const catalogue = await loadCatalogue({ folder: own, extra: [path] })
    expect(catalogue.get('salesforce')?.display_name).toBe('Salesforce')
    expect(catalogue.problems).toMatchObject([{ file: path, path: 'salesforce' }])
  })

  it('merge an alias one level deep, also through another alias, and refuse a circle', async () => {
    const inMemory = {
      base: { ...entry, proxy: { base_url: 'https://api.example.com', headers: { a: 'b' } } },
      middle: { alias: 'base', display_name: 'Middle' },
      top: { alias: 'middle', proxy: { base_url: 'https://top.example.com' } },
      circle: { alias: 'round' },
      round: { alias: 'circle' },
    }
    const catalogue = await loadCatalogue({ folder: own, inMemory })
    expect(catalogue.get('top')).toMatchObject({ display_name: 'Middle', proxy: { base_url: 'https://top.example.com' } })
    expect(catalogue.get('top')?.proxy?.headers).toBeUndefined()
    expect(catalogue.problems.map((problem) => problem.path)).toEqual(['circle.alias', 'round.alias'])
  })

  it('may use plain http on an exact host of theirs, as the practice org does', async () => {
    const practice = {
      ...entry,
      family: 'salesforce',
      allowed_hosts: ['localhost:3005'],
      authorization_url: 'http://localhost:3005/a',
      token_url: 'http://localhost:3005/t',
    }
    const catalogue = await loadCatalogue({
      folder: own,
      inMemory: { 'salesforce-practice': practice, other: { ...practice, token_url: 'http://localhost:3006/t' } },
    })
    expect(catalogue.get('salesforce-practice')).toBeDefined()
    expect(catalogue.problems.map((problem) => problem.path)).toEqual(['other.token_url'])
  })
})

describe('the endpoints', () => {
  const deps = async () => ({ catalogue: await loadCatalogue({ folder: own }), publicUrl: 'https://hawser.example.com' })
  const call = (parts: object) => parts as Call<never>

  it('list by a part of the name, in the shape of the contract', async () => {
    const listed = await listProviders(await deps()).handle(call({ query: { search: 'SANDBOX' } }))
    expect(listRoute.reply.body.parse(listed).data.map(({ name }) => name)).toEqual(['salesforce-sandbox'])
  })

  it('read one, with a logo of this server', async () => {
    const read = await getProvider(await deps()).handle(call({ params: { provider: 'salesforce' } }))
    expect(getRoute.reply.body.parse(read).data).toMatchObject({
      name: 'salesforce',
      logo_url: 'https://hawser.example.com/images/template-logos/salesforce.svg',
    })
  })

  it('answer 404 for an unknown name', async () => {
    const { handle } = getProvider(await deps())
    await expect(handle(call({ params: { provider: 'nobody' } }))).rejects.toSatisfy(
      (error) => error instanceof Failure && error.code === 'not_found',
    )
  })
})
