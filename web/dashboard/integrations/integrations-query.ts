import { queryOptions } from '@tanstack/react-query'
import { call, type Reply } from '../api/call.ts'

export type Integration = Reply<'getIntegration'>['data']
export type Provider = Reply<'listProviders'>['data'][number]

export const integrationsQuery = queryOptions({
  queryKey: ['integrations'],
  queryFn: ({ signal }) => call('listIntegrations', {}, signal),
  select: ({ data }) => data,
})

export const integrationQuery = (key: string) =>
  queryOptions({
    queryKey: ['integrations', key],
    queryFn: ({ signal }) => call('getIntegration', { params: { uniqueKey: key }, query: { include: 'webhook' } }, signal),
    select: ({ data }) => data,
  })

/** The catalogue only changes when the server starts. */
export const providersQuery = queryOptions({
  queryKey: ['providers'],
  queryFn: ({ signal }) => call('listProviders', {}, signal),
  select: ({ data }) => data,
  staleTime: 600_000,
})

export const environmentQuery = queryOptions({
  queryKey: ['environment'],
  queryFn: ({ signal }) => call('getEnvironment', {}, signal),
  select: ({ data }) => data,
})

/** Of Salesforce and its sandboxes, and of entries made after them. */
export const isSalesforce = (provider: Provider | undefined): boolean => provider?.['family'] === 'salesforce'
