/** The list of connections and what the address says about it. */
import { infiniteQueryOptions } from '@tanstack/react-query'
import { call, type Input, type Reply } from '../api/call.ts'

export const connectionStates = ['ok', 'broken', 'frozen'] as const
export type ConnectionState = (typeof connectionStates)[number]

export type ListedConnection = Reply<'listConnections'>['connections'][number]

/** Of the address; what is absent filters nothing. */
export interface ConnectionFilters {
  search?: string
  state?: ConnectionState
  integration?: string
  organisation?: string
  /** `name=value` */
  tag?: string
}

const PAGE_ROWS = 200
const text = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 255) || undefined : undefined

/** Whatever stands in the address, only what can be asked for comes out. */
export function filtersOf(search: Record<string, unknown>): ConnectionFilters {
  const tag = text(search['tag'])
  return withoutEmpty({
    search: text(search['search']),
    state: connectionStates.find((state) => state === search['state']),
    integration: text(search['integration']),
    organisation: text(search['organisation']),
    tag: tag !== undefined && /^[a-zA-Z][^=]*=./.test(tag) ? tag : undefined,
  })
}

export function withoutEmpty<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== '')) as never
}

function queryOf(
  { search, state, integration, organisation, tag }: ConnectionFilters,
  cursor: string | undefined,
): NonNullable<Input<'listConnections'>['query']> {
  const at = tag?.indexOf('=') ?? -1
  return {
    ...withoutEmpty({
      search,
      state,
      integrationId: integration,
      endUserOrganizationId: organisation,
      tags: tag === undefined ? undefined : { [tag.slice(0, at)]: tag.slice(at + 1) },
      limit: PAGE_ROWS,
      cursor,
    }),
    total: cursor === undefined,
  }
}

export const connectionsQuery = (filters: ConnectionFilters) =>
  infiniteQueryOptions({
    queryKey: ['connections', filters],
    queryFn: ({ pageParam, signal }) => call('listConnections', { query: queryOf(filters, pageParam) }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: (before) => before,
  })
