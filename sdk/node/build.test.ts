/** The published package is what `tsc` makes of this folder: Node refuses to strip types under `node_modules`. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
let project: string
let installed: string

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'hawser-sdk-'))
  installed = join(project, 'node_modules/@hawser/node')
  mkdirSync(installed, { recursive: true })
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', join(import.meta.dirname, 'tsconfig.build.json'), '--outDir', installed])
  writeFileSync(join(installed, 'package.json'), JSON.stringify({ name: '@hawser/node', type: 'module', exports: './hawser.js' }))
  writeFileSync(join(project, 'package.json'), '{"type":"module"}')
})
afterAll(() => rmSync(project, { recursive: true, force: true }))

describe('the emitted package', () => {
  it('runs from node_modules', () => {
    writeFileSync(
      join(project, 'use.js'),
      `import { Hawser, HawserError, verifyWebhook } from '@hawser/node'
       const hawser = new Hawser({ apiKey: 'k', fetch: async (url) => Response.json({ data: [{ unique_key: url }] }) })
       const [{ unique_key }] = await hawser.listIntegrations()
       console.log(unique_key, HawserError.name, verifyWebhook('', {}, 'k'))`,
    )
    const output = execFileSync(process.execPath, ['use.js'], { cwd: project, encoding: 'utf8', env: { PATH: process.env['PATH'] } })
    expect(output.trim()).toBe('http://localhost:3003/integrations HawserError false')
  })

  it('has types that fit, in a strict project of somebody else', () => {
    mkdirSync(join(project, 'node_modules/@types'), { recursive: true })
    symlinkSync(join(root, 'node_modules/@types/node'), join(project, 'node_modules/@types/node'))
    symlinkSync(join(root, 'node_modules/undici-types'), join(project, 'node_modules/undici-types'))
    writeFileSync(
      join(project, 'use.ts'),
      `import { Hawser, HawserError, type Connection, type ErrorCode } from '@hawser/node'
       const hawser = new Hawser()
       const connection: Connection = await hawser.getConnection('sf', 'c')
       const { data } = await hawser.get<{ records: { Id: string }[] }>({ integration: 'sf', connection: connection.connection_id, path: '/x' })
       const id: string | undefined = data.records[0]?.Id
       const streamed = await hawser.proxy({ integration: 'sf', connection: 'c', path: '/x', stream: true })
       for await (const chunk of streamed.data ?? []) console.log(chunk.byteLength, id)
       const code: ErrorCode = 'unknown_connection'
       try { await hawser.deleteConnection('sf', 'c') } catch (error) { if (error instanceof HawserError && error.code === code) console.log(error.retryAfter) }
       // @ts-expect-error a field that the contract does not have
       await hawser.createIntegration({ provider: 'salesforce', unique_key: 'sf', colour: 'red' })`,
    )
    const options = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--types',
      'node',
      '--exactOptionalPropertyTypes',
      'use.ts',
    ]
    expect(() => execFileSync(join(root, 'node_modules/.bin/tsc'), options, { cwd: project, encoding: 'utf8' })).not.toThrow()
  })

  it('needs no other package', () => {
    for (const file of readdirSync(installed).filter((name) => name.endsWith('.js')))
      for (const [, from] of readFileSync(join(installed, file), 'utf8').matchAll(/from ['"]([^'"]+)['"]/g))
        expect(from, file).toMatch(/^(\.\/|node:)/)
    const { dependencies } = JSON.parse(readFileSync(join(import.meta.dirname, 'package.json'), 'utf8')) as { dependencies?: object }
    expect(dependencies).toBeUndefined()
  })
})
