/** What is typed into the fields for limits, and the limits that it means (`api/limits.ts`). */
import type { Input } from '../api/call.ts'
import type { ShownLimits } from './keys-query.ts'
import { linesOf, wholeLinesOf } from './lines-of.ts'

export type Limits = NonNullable<NonNullable<Input<'createApiKey'>['body']>['limits']>
export type Method = NonNullable<Limits['methods']>[number]
export const METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']

export interface LimitsDraft {
  /** Keys of integrations, one a line. */
  integrations: string
  connections: string
  /** `name=value`, one a line. */
  tags: string
  methods: readonly Method[]
  paths: string
}

export const noLimits: LimitsDraft = { integrations: '', connections: '', tags: '', methods: [], paths: '' }

/** Undefined: nothing is limited. */
export function limitsOf(draft: LimitsDraft): Limits | undefined {
  const integrations = linesOf(draft.integrations)
  const ids = wholeLinesOf(draft.connections)
  const tags = Object.fromEntries(
    wholeLinesOf(draft.tags).map((line) => [line.split('=', 1)[0]!.trim(), line.slice(line.indexOf('=') + 1).trim()]),
  )
  const paths = wholeLinesOf(draft.paths)
  const hasTags = Object.keys(tags).length > 0
  const limits: Limits = {
    ...(integrations.length > 0 ? { integrations } : {}),
    ...(ids.length > 0 || hasTags ? { connections: { ...(ids.length > 0 ? { ids } : {}), ...(hasTags ? { tags } : {}) } } : {}),
    ...(draft.methods.length > 0 ? { methods: [...draft.methods] } : {}),
    ...(paths.length > 0 ? { paths } : {}),
  }
  return Object.keys(limits).length > 0 ? limits : undefined
}

/** What is wrong with a field; the server checks the rest. */
export function draftFault(draft: LimitsDraft): { field: 'tags' | 'paths'; message: string } | undefined {
  const tag = wholeLinesOf(draft.tags).find((line) => !/^[^=]+=.+$/.test(line))
  if (tag !== undefined) return { field: 'tags', message: `“${tag}” is not of the form name=value.` }
  const path = wholeLinesOf(draft.paths).find((line) => !line.startsWith('/'))
  if (path !== undefined) return { field: 'paths', message: `“${path}” does not begin with /.` }
  return undefined
}

/** In a sentence or a few; empty: nothing is limited. */
export function limitsText(limits: ShownLimits): string[] {
  if (limits === null) return []
  const { integrations, connections, methods, paths } = limits
  const tags = Object.entries(connections?.tags ?? {}).map(([name, value]) => `${name}=${value}`)
  return [
    ...(integrations ? [`integrations ${integrations.join(', ')}`] : []),
    ...(connections?.ids
      ? [connections.ids.length > 3 ? `${connections.ids.length} connections` : `connections ${connections.ids.join(', ')}`]
      : []),
    ...(tags.length > 0 ? [`connections tagged ${tags.join(', ')}`] : []),
    ...(methods ? [methods.join(', ')] : []),
    ...(paths ? [`paths ${paths.join(' ')}`] : []),
  ]
}
