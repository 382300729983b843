/** Many reconnect links at once. */
import { call } from '../api/call.ts'
import { csvOf } from './csv.ts'
import { titleOf, type Issue } from './issue-words.ts'
import { issueQueryOf, PAGE_ROWS, type IssueFilters } from './issues-query.ts'

export const MOST_LINKS = 200
/** So many pages are looked through: not every open issue is one that a reconnect ends. */
const MOST_PAGES = 10
const AT_ONCE = 4

export interface ReconnectLinks {
  csv: string
  made: number
  failed: number
  /** There are more connections than one file holds. */
  isCut: boolean
}

/** One link for each connection whose open issue a new sign-in ends. Rejects when `signal` ends it, or when the server refuses the first one. */
export async function makeReconnectLinks(
  filters: IssueFilters,
  onProgress: (made: number, total: number) => void,
  signal: AbortSignal,
): Promise<ReconnectLinks> {
  const { issues, isCut } = await reconnectable(filters, signal)
  const rows: string[][] = []
  let failed = 0
  let firstError: unknown
  const queue = issues.entries()
  const work = async () => {
    for (const [at, issue] of queue) {
      signal.throwIfAborted()
      try {
        const body = { connection_id: issue.connection_id, integration_id: issue.provider_config_key }
        const { data } = await call('createReconnectSession', { body }, signal)
        rows[at] = rowOf(issue, data.connect_link, data.expires_at)
      } catch (error) {
        signal.throwIfAborted()
        firstError ??= error
        failed++
      }
      onProgress(rows.filter(Boolean).length, issues.length)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  const made = rows.filter(Boolean)
  if (made.length === 0 && firstError !== undefined) throw firstError
  return { csv: csvOf(HEAD, made), made: made.length, failed, isCut }
}

const HEAD = ['integration', 'connection_id', 'end_user_id', 'end_user_email', 'organization', 'issue', 'reconnect_link', 'expires_at']

function rowOf(issue: Issue, link: string, expiresAt: string): string[] {
  const { provider_config_key: integration, connection_id: connection, end_user: user } = issue
  const organisation = user?.organization?.display_name ?? user?.organization?.id ?? ''
  return [integration, connection, user?.id ?? '', user?.email ?? '', organisation, titleOf(issue), link, expiresAt]
}

async function reconnectable(filters: IssueFilters, signal: AbortSignal): Promise<{ issues: Issue[]; isCut: boolean }> {
  const found = new Map<string, Issue>()
  let before: string | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = { ...issueQueryOf({ ...filters, state: 'open' }), limit: PAGE_ROWS, ...(before === undefined ? {} : { before }) }
    const { issues, next } = await call('listIssues', { query }, signal)
    for (const issue of issues) {
      const key = JSON.stringify([issue.provider_config_key, issue.connection_id])
      if (issue.reconnect && !found.has(key)) found.set(key, issue)
    }
    if (found.size > MOST_LINKS) break
    if (next === null) return { issues: [...found.values()], isCut: false }
    before = next
  }
  return { issues: [...found.values()].slice(0, MOST_LINKS), isCut: true }
}
