import { queryOptions, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call, type Reply } from '../api/call.ts'

export type StartConnection = Reply<'listConnections'>['connections'][number]

const AGAIN_MS = 2_000
/** A connect session lasts 30 minutes. */
const WATCH_MS = 30 * 60_000
const LOOKED_AT = 10

const firstConnectionQuery = (integration: string | undefined, watchedUntil: number) =>
  queryOptions({
    queryKey: ['connections', 'first', integration],
    queryFn: ({ signal }) =>
      call('listConnections', { query: { integrationId: integration ?? '', limit: LOOKED_AT, total: false } }, signal),
    select: ({ connections }) => connections.find(({ state }) => state === 'ok') ?? connections[0],
    enabled: integration !== undefined,
    refetchInterval: ({ state: { data } }) =>
      (data?.connections.some(({ state }) => state === 'ok') ?? false) || Date.now() > watchedUntil ? false : AGAIN_MS,
  })

/** The newest connection of the integration that works, or one that does not; `watch` asks for it every two seconds from then on. */
export function useFirstConnection(integration: string | undefined) {
  const [watchedUntil, setWatchedUntil] = useState(0)
  const { data: connection, error } = useQuery(firstConnectionQuery(integration, watchedUntil))
  return { connection, error, watch: () => setWatchedUntil(Date.now() + WATCH_MS) }
}
