/** `sdk/node/types.ts`: what the API takes and answers. */
import { errors } from '@hawser/api/errors.ts'
import { scopes } from '@hawser/api/scopes.ts'
import type { Contract } from './contract.ts'
import type { JsonSchema } from './json-schema.ts'
import { typeOf } from './typescript.ts'

export function sdkTypes(contract: Contract): string {
  const union = (values: readonly string[]) => values.map((value) => `\n  | '${value}'`).join('')
  const parts = [
    '/** What the API takes and answers. Printed from `api/` by `npm run generate`; do not edit. */\n/* oxlint-disable max-lines */',
    ...[...contract.components].map(([name, schema]) => declaration(name, schema)),
    ...contract.endpoints.flatMap(({ route, query, body, reply }) => {
      const name = `${route.name[0]!.toUpperCase()}${route.name.slice(1)}`
      return [
        ...(query && !isEmpty(query) ? [declaration(`${name}Query`, query)] : []),
        ...(body ? [declaration(`${name}Body`, body)] : []),
        ...(reply ? [declaration(`${name}Reply`, reply)] : []),
      ]
    }),
    `/** Every code that an answer may carry. */\nexport type ErrorCode =${union(Object.keys(errors))}`,
    `/** What an API key may be allowed to do. */\nexport type Scope =${union(scopes)}`,
    '/** One broken field: where it is and what is wrong with it. */\nexport interface FieldError { code: string; message: string; path: (string | number)[] }',
  ]
  return `${parts.join('\n\n')}\n`
}

function declaration(name: string, schema: JsonSchema): string {
  const type = typeOf(schema)
  return type.startsWith('{') && !schema.anyOf && !schema.oneOf ? `export interface ${name} ${type}` : `export type ${name} = ${type}`
}

function isEmpty(schema: JsonSchema): boolean {
  return schema.type === 'object' && Object.keys(schema.properties ?? {}).length === 0
}
