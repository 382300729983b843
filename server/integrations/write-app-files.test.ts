import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { orgKinds } from '@hawser/api/environment.ts'
import { Failure } from '@hawser/api/errors.ts'
import { salesforceAppFiles } from '@hawser/api/salesforce-apps.ts'
import { checkAppOptions } from '@hawser/salesforce/eca/app-options.ts'
import { arbitraryAppInput } from '@hawser/salesforce/eca/app-options-for-tests.ts'
import { presets } from '@hawser/salesforce/eca/presets.ts'
import type { OrgKind } from '@hawser/salesforce/org.ts'
import { key } from './integrations-rig.ts'
import { inCamelCase, inSnakeCase } from './letter-case.ts'
import { writeAppFiles } from './write-app-files.ts'

const CALLBACK = 'https://hawser.example/oauth/callback'
const { handle } = writeAppFiles({ callbackUrlOf: async () => CALLBACK })

interface Data {
  files: { path: string; content: string }[]
  options: Record<string, unknown>
  warnings: { field: string }[]
  costs: string
}

/** As `mount` does it: parses by the contract, and checks the answer. */
async function post(body: unknown): Promise<Data> {
  const parsed = salesforceAppFiles.body.parse(body)
  const answer = await handle({ body: parsed, principal: key } as unknown as Parameters<typeof handle>[0])
  return salesforceAppFiles.reply.body.parse(answer).data as unknown as Data
}

async function refusedFields(body: unknown): Promise<string[]> {
  try {
    await post(body)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    expect(error.code).toBe('invalid_body')
    return (error.details.errors ?? []).map(({ path, message }) => {
      expect(message).toMatch(/\w+ \w+/)
      return path.join('.')
    })
  }
  throw new Error('it was not refused')
}

const acme = { label: 'Acme Sync', contact_email: 'admin@acme.example' }

describe('POST /salesforce/apps/files', () => {
  it('200: the guide’s app from a name and an address, with the environment’s callback URL, and no credentials', async () => {
    const { files, options, warnings, costs } = await post({ options: acme })
    expect(files.map(({ path }) => path)).toContain('force-app/main/default/externalClientApps/Acme_Sync.eca-meta.xml')
    const global = files.find(({ path }) => path.includes('Acme_Sync_glbloauth'))!.content
    expect(global).toContain(`<callbackUrl>${CALLBACK}</callbackUrl>`)
    expect(files.map(({ content }) => content).join('')).not.toMatch(/<consumer(Key|Secret)>/)
    expect(options).toMatchObject({ api_name: 'Acme_Sync', callback_urls: [CALLBACK], scopes: ['api', 'refresh_token'], pkce: true })
    expect(warnings).toEqual([])
    expect(costs).toBe(presets[0]!.costs)
  })

  it.each(presets.map(({ name }) => name))('the preset %s is settled: its options give its files again', async (preset) => {
    const given = {
      preset,
      options: { ...acme, token_ip_ranges: [{ start: '198.51.100.7', end: '198.51.100.7' }] },
      org_kind: 'production',
    }
    const first = await post(given)
    const again = await post({ ...given, options: first.options })
    expect([again.files, again.options]).toEqual([first.files, first.options])
  })

  it('400 names the field as it stands in the body', async () => {
    expect(await refusedFields({ options: {} })).toEqual(expect.arrayContaining(['options.label', 'options.contact_email']))
    expect(await refusedFields({ options: { ...acme, callback_urls: ['http://acme.example/'] } })).toEqual(['options.callback_urls'])
    const extras = { certificate: '-----BEGIN PRIVATE KEY-----' }
    expect(await refusedFields({ options: { ...acme, extras } })).toEqual(['options.extras.certificate'])
    expect(await refusedFields({ preset: 'partner-mandate', options: acme })).toEqual(['options.token_ip_ranges'])
    const ranges = [
      { start: '198.51.100.7', end: '198.51.100.7' },
      { start: '198.51.100.8', end: '' },
    ]
    expect(await refusedFields({ options: { ...acme, token_ip_ranges: ranges } })).toContain('options.token_ip_ranges.1.end')
  })

  it('writes for the org that is named', async () => {
    const { files } = await post({ options: acme, org_kind: 'production', api_version: '65.0', without_code_and_credentials: true })
    expect(files.find(({ path }) => path === 'sfdx-project.json')!.content).toMatch(/login\.salesforce\.com[^]*"65\.0"/)
    expect(files.filter(({ path, content }) => path.endsWith('.xml') && content.includes('isCodeCredFlowEnabled'))).toEqual([])
  })

  it('takes every option that the generator knows, and gives it back', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryAppInput, async (input) => {
        const checked = checkAppOptions(input)
        fc.pre(checked.ok)
        if (!checked.ok) return
        const { options } = await post({ options: inSnakeCase(checked.options) })
        expect(inCamelCase(options)).toMatchObject(checked.options)
      }),
      { numRuns: 100 },
    )
  })

  it('names the kinds of org as the rest of the program does', () => {
    const all: Record<OrgKind, true> = {
      ...{ production: true, sandbox: true, developer: true, scratch: true, trailhead: true },
      ...{ trial: true, demo: true, patch: true, unknown: true },
    }
    expect([...orgKinds].sort()).toEqual(Object.keys(all).sort())
  })
})
