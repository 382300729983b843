/** Salesforce's own libraries on what the generator writes: file names and folders by its registry, elements and values by its types. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arbitraryAppInput } from '@hawser/salesforce/eca/app-options-for-tests.ts'
import { checkAppOptions, type AppOptions } from '@hawser/salesforce/eca/app-options.ts'
import { deployZip } from '@hawser/salesforce/eca/deploy-zip.ts'
import { appFiles } from '@hawser/salesforce/eca/metadata-files.ts'
import { DEFAULT_API_VERSION, metadataTypes } from '@hawser/salesforce/eca/metadata-types.ts'
import { parseXml, type XmlElement } from '@hawser/salesforce/eca/xml-tree.ts'
import { applyPreset, presets } from '@hawser/salesforce/eca/presets.ts'
import { writeApp } from './app-project.ts'
import { sourceDeployRetrieve, type SourceDeployRetrieve } from './salesforce-libraries.ts'
import { createSfRig, type SfRig } from './sf-rig.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
/** Fixed, so that every run looks at the same apps. */
const SAMPLES = { numRuns: 30, seed: 20_261 }

let rig: SfRig
let sdr: SourceDeployRetrieve
beforeAll(async () => {
  rig = await createSfRig()
  sdr = await sourceDeployRetrieve()
})
afterAll(() => rig?.remove())

const presetApps: AppOptions[] = presets.map(({ name }) => {
  const given = { label: `App ${name}`, contactEmail: 'a@example.com', callbackUrls: ['https://api.example.com/oauth/callback'] }
  return accepted(applyPreset(name, { ...given, tokenIpRanges: [{ start: '198.51.100.7', end: '198.51.100.9' }] }))
})
const sampledApps = fc.sample(arbitraryAppInput, SAMPLES).map((input) => accepted(checkAppOptions(input)))

function accepted(checked: ReturnType<typeof checkAppOptions>): AppOptions {
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
  return checked.options
}

describe('source-deploy-retrieve', () => {
  it.each(presetApps.map((app) => [app.apiName, app] as const))('makes of %s the zip that we make', async (_name, app) => {
    const components = sdr.ComponentSet.fromSource(join(await writeApp(rig, app), 'force-app'))
    expect(components.size).toBe(6)
    // Without both it asks the network for the newest version.
    components.apiVersion = DEFAULT_API_VERSION
    components.sourceApiVersion = DEFAULT_API_VERSION
    const { zipBuffer } = await new sdr.MetadataConverter().convert(components, 'metadata', { type: 'zip' })
    const theirs = textsOf(zipBuffer!)
    const ours = textsOf(deployZip(app, { folder: '' }))
    expect(Object.keys(ours).toSorted()).toEqual(Object.keys(theirs).toSorted())
    for (const path of Object.keys(ours)) expect(meaningOf(ours[path]!), path).toEqual(meaningOf(theirs[path]!))
  })

  it('knows every suffix and folder by the type we give it', () => {
    const registry = new sdr.RegistryAccess()
    for (const { type, folder, suffix } of metadataTypes)
      expect(registry.getTypeBySuffix(suffix), suffix).toMatchObject({ name: type, directoryName: folder })
  })
})

function textsOf(zip: Uint8Array): Record<string, string> {
  const entries = Object.entries(unzipSync(zip)).filter(([path]) => !path.endsWith('/'))
  return Object.fromEntries(entries.map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]))
}

/** What a file says; the order of elements is no part of it. */
function meaningOf(xml: string): unknown {
  const parsed = parseXml(xml)
  if (!parsed.ok) throw new Error(parsed.problem)
  const plain = ({ name, text, children }: XmlElement): unknown =>
    children.length === 0 ? [name, text] : [name, children.map(plain).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))]
  return plain(parsed.root)
}

describe('@salesforce/types', () => {
  /** Their types are compiled against the values that the files hold; a wrong name or value is an error of the compiler. */
  async function compile(lines: string[]): Promise<string> {
    const folder = await mkdtemp(join(HERE, 'node_modules/.metadata-types-'))
    try {
      const types = metadataTypes.map(({ type }) => type).join(', ')
      const source = [`import type { ${types} } from '@salesforce/types/metadata'`, PARTS_MAY_BE_ABSENT, ...lines].join('\n')
      await writeFile(join(folder, 'generated.ts'), source)
      const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--moduleResolution', 'nodenext', '--types', '']
      return await output(process.execPath, [tsc(), '--ignoreConfig', ...options, 'generated.ts'], folder)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  // A type describes what a retrieve yields, where everything is there.
  const PARTS_MAY_BE_ABSENT = `type Written<T> = T extends readonly (infer Item)[] ? Written<Item>[] : T extends object ? { [Key in keyof T]?: Written<T[Key]> } : T`

  it('has every element and value that the generator writes', async () => {
    const lines = [...presetApps, ...sampledApps].flatMap((app) =>
      appFiles(app)
        .filter(({ path }) => path.endsWith('-meta.xml'))
        .map(({ content }) => literalOf(content)),
    )
    expect(lines.length).toBeGreaterThan(150)
    expect(await compile(lines)).toBe('')
  })

  // Their `ipRelaxationPolicyType` and `refreshTokenValidityUnit` are any text (1.9.0).
  it('would refuse a wrong value and a wrong name', async () => {
    const [app] = presetApps
    const files = appFiles(app!).filter(({ path }) => /ecaOauthPlcy|ecaGlbl/.test(path))
    const [global, policies] = files.map(({ content }) => literalOf(content))
    const said = await compile([policies!.replace('"Infinite"', '"infinite"'), global!.replace('isPkceRequired', 'isPkceNeeded')])
    expect(said).toMatch(/"infinite"' is not assignable/)
    expect(said).toMatch(/isPkceNeeded"' does not exist/)
  })

  function tsc(): string {
    return join(HERE, '../../node_modules/typescript/bin/tsc')
  }
})

/** A metadata file as a TypeScript expression. */
function literalOf(xml: string): string {
  const parsed = parseXml(xml)
  if (!parsed.ok) throw new Error(parsed.problem)
  return `;(${JSON.stringify(valueOf(parsed.root))}) satisfies Written<${parsed.root.name}>`
}

const LISTS = new Set(['customAttributes', 'trustedIpRanges', 'tokenIpRanges'])
const NUMBERS = /Timeout|Minutes|Period|Validity$/

function valueOf({ name, text, children }: XmlElement): unknown {
  if (children.length === 0) {
    if (/^(is|are|enable|should|idTokenInclude)[A-Z]/.test(name)) return text === 'true'
    return NUMBERS.test(name) && /^\d+$/.test(text) ? Number(text) : text
  }
  const value: Record<string, unknown> = {}
  for (const child of children) {
    if (LISTS.has(child.name)) value[child.name] = [...((value[child.name] as unknown[] | undefined) ?? []), valueOf(child)]
    else value[child.name] = valueOf(child)
  }
  return value
}

function output(command: string, args: string[], cwd: string): Promise<string> {
  return new Promise((resolve) => execFile(command, args, { cwd, timeout: 50_000 }, (_error, stdout, stderr) => resolve(stdout + stderr)))
}
