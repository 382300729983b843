/** JSON Schema as TypeScript. Knows what the contract uses, and refuses the rest. */
import { refName, type JsonSchema } from './json-schema.ts'

const PRIMITIVES: Record<string, string> = { string: 'string', number: 'number', integer: 'number', boolean: 'boolean', null: 'null' }

export function typeOf(schema: JsonSchema): string {
  if (schema.$ref) {
    const name = refName(schema)
    if (!name) throw new Error(`cannot print ${schema.$ref}`)
    return name
  }
  if (schema.const !== undefined) return literal(schema.const)
  if (schema.enum) return schema.enum.map(literal).join(' | ')
  const variants = schema.anyOf ?? schema.oneOf
  if (variants) return unionOf(variants.map(typeOf))
  if (schema.allOf) return schema.allOf.map((part) => `(${typeOf(part)})`).join(' & ')
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(' | ')
  if (schema.type === 'array') return arrayOf(typeOf(schema.items ?? {}))
  if (schema.type === 'object') return objectType(schema)
  if (schema.type === undefined) return 'unknown'
  const primitive = PRIMITIVES[schema.type]
  if (!primitive) throw new Error(`cannot print the type ${schema.type}`)
  return primitive
}

/** `'' | string` says no more than `string`. */
function unionOf(types: string[]): string {
  const useful = types.includes('string') ? types.filter((type) => !/^'[^']*'( \| '[^']*')*$/.test(type)) : types
  return [...new Set(useful)].join(' | ')
}

function arrayOf(item: string): string {
  return /[ |&]/.test(item) ? `(${item})[]` : `${item}[]`
}

function objectType({ properties = {}, required = [], additionalProperties }: JsonSchema): string {
  const members = Object.entries(properties).map(([name, schema]) => {
    const optional = required.includes(name) ? '' : '?'
    // So that a caller with `exactOptionalPropertyTypes` may pass on what he does not have.
    return `${propertyName(name)}${optional}: ${typeOf(schema)}${optional ? ' | undefined' : ''}`
  })
  const more = additionalProperties === true ? {} : additionalProperties
  if (members.length === 0) return more ? `Record<string, ${typeOf(more)}>` : 'Record<string, never>'
  return `{ ${[...members, ...(more ? ['[name: string]: unknown'] : [])].join('; ')} }`
}

function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'` : String(value)
}
