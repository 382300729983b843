/** One connection: its record (without credentials), and its state as the list knows it. */
import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { call, type Reply } from '../api/call.ts'

export type Connection = Reply<'getConnection'>
export interface ConnectionAddress {
  integration: string
  connection: string
}

export const connectionInput = ({ integration, connection }: ConnectionAddress) => ({
  params: { connectionId: connection },
  query: { provider_config_key: integration },
})

const AGAIN_MS = 30_000

export const connectionQuery = (address: ConnectionAddress) =>
  queryOptions({
    queryKey: ['connection', address],
    queryFn: ({ signal }) => call('getConnection', connectionInput(address) as never, signal),
    refetchInterval: AGAIN_MS,
  })

/** ok, broken or frozen; undefined when the list does not know the connection. */
export const connectionStateQuery = ({ integration, connection }: ConnectionAddress) =>
  queryOptions({
    queryKey: ['connection-state', integration, connection],
    queryFn: ({ signal }) =>
      call('listConnections', { query: { connectionId: connection, integrationId: integration, limit: 1, total: false } }, signal),
    select: ({ connections }) => connections[0]?.state,
    refetchInterval: AGAIN_MS,
  })

/** After a change: everything on the page that it may have changed is asked for again. */
export function useRefetchConnection(): () => Promise<void> {
  const queries = useQueryClient()
  return async () => {
    const names = new Set(['connection', 'connection-state', 'connection-activity', 'connections', 'issues', 'vault', 'overview'])
    await queries.invalidateQueries({ predicate: ({ queryKey }) => names.has(String(queryKey[0])) })
  }
}
