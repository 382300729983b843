import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { errors } from '@hawser/api/errors.ts'
import { defineRoute } from '@hawser/api/route.ts'
import { routes } from '@hawser/api/routes.ts'
import { readContract, codesOf } from './generate/contract.ts'
import { schemaOf, type JsonSchema } from './generate/json-schema.ts'
import { openApiDocument } from './generate/openapi.ts'
import type { Operation } from './generate/operation.ts'
import { settingsPage } from './generate/pages.ts'
import { typeOf } from './generate/typescript.ts'
import { generated, staleAmong } from './generate.ts'

describe('the generated files', () => {
  it('are the same each time, and those in the tree', async () => {
    const [once, again] = [await generated(), await generated()]
    expect([...again]).toEqual([...once])
    expect(staleAmong(once)).toEqual([])
  })

  it('are named when stale or missing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hawser-generate-'))
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    write('a/same.md', 'x')
    write('a/old.md', 'old')
    const files = new Map([
      ['a/same.md', 'x'],
      ['a/old.md', 'new'],
      ['a/missing.md', 'x'],
    ])
    expect(staleAmong(files, folder)).toEqual(['a/old.md', 'a/missing.md'])
    rmSync(folder, { recursive: true })
  })
})

interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, JsonSchema> }
}

describe('the OpenAPI document', () => {
  const document = openApiDocument(readContract(), { name: 'Hawser', version: '1.2.3' }) as Document
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

  it('has every route, once, with an answer', () => {
    for (const route of routes) {
      const [found, ...others] = operations.filter(({ operation }) => operation.operationId === route.name)
      expect(others).toEqual([])
      expect(found!.method).toBe(route.method.toLowerCase())
      expect(found!.operation.responses).toHaveProperty(String(route.reply.status))
    }
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length)
  })

  it('declares every part of every path', () => {
    for (const { path, operation } of operations) {
      const wanted = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
      expect((operation.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(wanted)
    }
  })

  it('refers to nothing that is not there', () => {
    const names = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1]!)
    expect(names.length).toBeGreaterThan(10)
    for (const name of names) expect(document.components.schemas, name).toHaveProperty([name.replace('#/components/schemas/', '')])
  })

  it('names the codes under their statuses, and how to sign in', () => {
    const { responses, security } = document.paths['/connections/{connectionId}']!['get']!
    expect(responses).toMatchObject({
      404: { description: expect.stringContaining('`unknown_connection`') },
      424: { description: expect.stringContaining('`invalid_credentials`') },
    })
    expect(security).toEqual([{ apiKey: [] }])
    expect(document.paths['/integrations']!['get']!.security).toEqual([{ apiKey: [] }, { connectSession: [] }])
    expect(document.paths['/health']!['get']!.security).toEqual([])
    expect(document.paths['/proxy/{path}']).toHaveProperty('patch')
    expect(document.paths['/oauth/connect/{providerConfigKey}']!['get']!.responses).toHaveProperty('302')
  })

  it('gives open endpoints no code about keys', () => {
    const open = codesOf(routes.find(({ name }) => name === 'health')!)
    expect(open.filter((code) => errors[code][0] === 401)).toEqual([])
  })
})

describe('schemaOf', () => {
  it('refuses two schemas of one name', () => {
    const components = new Map()
    schemaOf(z.object({ a: z.object({ x: z.string() }).meta({ id: 'TwiceUsed' }) }), 'output', components)
    expect(components.get('TwiceUsed')).toEqual({ type: 'object', properties: { x: { type: 'string' } }, required: ['x'] })
    const holder = new Map([['OnceUsed', { type: 'string' } as JsonSchema]])
    expect(() => schemaOf(z.object({ a: z.object({ x: z.string() }).meta({ id: 'OnceUsed' }) }), 'output', holder)).toThrow('OnceUsed')
  })

  it('leaves a property called like a keyword alone', () => {
    const { properties } = schemaOf(z.strictObject({ id: z.string(), pattern: z.string(), properties: z.string() }), 'input', new Map())
    expect(Object.keys(properties!)).toEqual(['id', 'pattern', 'properties'])
  })

  it('is strict about requests and open about answers', () => {
    expect(schemaOf(z.strictObject({ a: z.string() }), 'input', new Map()).additionalProperties).toBe(false)
    expect(schemaOf(z.strictObject({ a: z.string() }), 'output', new Map())).not.toHaveProperty('additionalProperties')
  })
})

describe('typeOf', () => {
  const type = (schema: z.ZodType) => typeOf(schemaOf(schema, 'input', new Map()))

  it.each([
    [z.string().nullable(), 'string | null'],
    [z.enum(['a', "b'c"]), "'a' | 'b\\'c'"],
    [z.array(z.union([z.string(), z.number()])), '(string | number)[]'],
    [z.union([z.literal(''), z.string()]), 'string'],
    [z.strictObject({}), 'Record<string, never>'],
    [z.record(z.string(), z.unknown()), 'Record<string, unknown>'],
    [z.looseObject({ a: z.int() }), '{ a: number; [name: string]: unknown }'],
    [z.object({ 'a-b': z.boolean().optional() }), '{ "a-b"?: boolean | undefined }'],
    [z.unknown(), 'unknown'],
    [z.stringbool(), 'string'],
  ])('%#', (schema, expected) => expect(type(schema)).toBe(expected))

  it('refuses what it does not know', () => expect(() => typeOf({ type: 'tuple' })).toThrow('tuple'))
})

describe('codesOf', () => {
  it('adds what the route reads and who may call it', () => {
    const route = defineRoute({
      name: 'x',
      method: 'POST',
      path: '/x',
      summary: '',
      access: { session: true },
      body: z.strictObject({}),
      reply: { status: 200, body: null },
      errors: ['conflict'],
    })
    const codes = codesOf(route)
    expect(codes[0]).toBe('conflict')
    expect(codes).toEqual(expect.arrayContaining(['invalid_body', 'unknown_connect_session_token', 'server_error']))
    expect(codes).not.toContain('invalid_query_params')
    expect(codes).not.toContain('forbidden')
  })
})

describe('settingsPage', () => {
  it('keeps a bar inside its cell', () => {
    expect(settingsPage([{ env: 'HAWSER_X', default: 'a', text: 'one | two', secret: true }])).toContain(
      '| `HAWSER_X` |  | `a` | one \\| two Never logged. |',
    )
  })
})
