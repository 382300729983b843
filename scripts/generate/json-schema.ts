/** JSON Schemas of the contract, with the named ones (`.meta({ id })`) gathered as components. */
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'

export interface JsonSchema {
  $ref?: string
  type?: string | string[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: JsonSchema | boolean
  propertyNames?: JsonSchema
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  enum?: (string | number | boolean | null)[]
  const?: string | number | boolean | null
  [keyword: string]: unknown
}

export type Components = Map<string, JsonSchema>

const REF = '#/components/schemas/'

/** Requests by what a caller writes (`input`), answers by what he reads (`output`). Throws if two schemas share an id and differ. */
export function schemaOf(schema: z.ZodType, io: 'input' | 'output', components: Components): JsonSchema {
  const {
    $schema: _,
    $defs = {},
    ...root
  } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema & { $defs?: Record<string, JsonSchema> }
  for (const [id, definition] of Object.entries($defs)) {
    const tidied = tidy(definition, io)
    const known = components.get(id)
    if (known && !isDeepStrictEqual(known, tidied)) throw new Error(`two schemas of the contract are called ${id}`)
    components.set(id, tidied)
  }
  return tidy(root, io)
}

export function refName(schema: JsonSchema): string | undefined {
  return schema.$ref?.startsWith(REF) ? schema.$ref.slice(REF.length) : undefined
}

function tidy(schema: JsonSchema, io: 'input' | 'output'): JsonSchema {
  const tidied: JsonSchema = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === 'id' || isNoise(keyword, value, schema, io)) continue
    if (keyword === '$ref') tidied.$ref = String(value).replace('#/$defs/', REF)
    else if (keyword === 'properties') tidied.properties = mapValues(value as Record<string, JsonSchema>, (part) => tidy(part, io))
    else tidied[keyword] = tidyPart(value, io)
  }
  return tidied
}

function tidyPart(value: unknown, io: 'input' | 'output'): unknown {
  if (Array.isArray(value)) return value.map((part: unknown) => tidyPart(part, io))
  return typeof value === 'object' && value !== null ? tidy(value as JsonSchema, io) : value
}

function isNoise(keyword: string, value: unknown, schema: JsonSchema, io: 'input' | 'output'): boolean {
  // A later release may answer more than this one: clients must not refuse it.
  if (keyword === 'additionalProperties' && value === false) return io === 'output' && Object.keys(schema.properties ?? {}).length > 0
  // The format says as much, in fewer than 300 characters.
  if (keyword === 'pattern') return schema['format'] === 'date-time' || schema['format'] === 'email' || schema['format'] === 'uuid'
  if (keyword === 'propertyNames') return isDeepStrictEqual(value, { type: 'string' })
  return (keyword === 'minimum' && value === Number.MIN_SAFE_INTEGER) || (keyword === 'maximum' && value === Number.MAX_SAFE_INTEGER)
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}
