import type { TestServer } from '../testkit/test-server.ts'

const TABLES = [
  'environment',
  'api_key',
  'signing_key',
  'connection_token',
  'integration',
  'connection',
  'oauth_client',
  'grant',
  'connect_session',
  'pending_oauth',
  'issue',
  'event',
]
/** Reading is use: these change without a change. */
const OF_USE = ['last_used_at', 'last_fetched_at', 'longest_idle_ms']

/** Number and hash of each table's rows: two equal results mean that nothing was written between. */
export async function rowsOf(server: TestServer): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const table of TABLES) {
    const { rows } = await server.kit.db.pool.query<{ sum: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(row::text, ',' order by row::text)), '') as sum
       from (select to_jsonb(t) - $1::text[] as row from "${table}" t) as all_rows`,
      [OF_USE],
    )
    found[table] = rows[0]?.sum ?? ''
  }
  return found
}
