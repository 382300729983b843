import { infiniteQueryOptions } from '@tanstack/react-query'
import { call, type Reply } from '../api/call.ts'
import type { AuditFilters } from './audit-filters.ts'

export type AuditEvent = Reply<'listAudit'>['events'][number]

const PAGE_ROWS = 100

/** Latest first. */
export const auditQuery = (filters: AuditFilters) =>
  infiniteQueryOptions({
    queryKey: ['audit', filters],
    queryFn: ({ pageParam, signal }) =>
      call('listAudit', { query: { ...filters, limit: PAGE_ROWS, ...(pageParam ? { cursor: pageParam } : {}) } }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: (before) => before,
  })
