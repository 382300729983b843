/** Pages of a long list of connections, by every filter that the API has. */
import pg from 'pg'
import { measure } from './measure.ts'
import { INTEGRATION, startProduct } from './product.ts'
import { table, type Section } from './report.ts'

const TOTAL = 100_000
const LIMIT = 100
/** Of each page; one caller. */
const SECONDS = 2

const LAST_PAGE = TOTAL / LIMIT - 1
const PAGES = {
  'first page': '',
  'middle page': `page=${Math.floor(LAST_PAGE / 2)}`,
  'last page': `page=${LAST_PAGE}`,
  'an integration with all of them': `integrationId=${INTEGRATION}`,
  'an integration with none': 'integrationId=empty',
  'a connection id': 'connectionId=customer-77',
  'an end user': 'endUserId=user-77',
  'an organisation (100 of them)': 'endUserOrganizationId=org-77',
  'a tag that 100 have': 'tags[team]=team-77',
  'a tag that half of them have': 'tags[plan]=free',
  'a tag that half of them have, last page': `tags[plan]=free&page=${TOTAL / 2 / LIMIT - 1}`,
  'search, found by all': 'search=customer',
  'search, found by one': 'search=customer-777x',
  'search, found by none': 'search=nobody',
}

export async function measureList(): Promise<Section> {
  const product = await startProduct({ upstreams: ['127.0.0.1:9'] })
  await fill(product.databaseUrl)
  const figures: { page: string; p50Us: number; p99Us: number }[] = []
  for (const [page, query] of Object.entries(PAGES)) {
    const url = `${product.url}/connections?limit=${LIMIT}${query ? `&${query}` : ''}`
    const { p50Us, p99Us } = await measure({ url, headers: product.headers, connections: 1, seconds: SECONDS })
    figures.push({ page, p50Us, p99Us })
  }
  const rows = figures.map(({ page, p50Us, p99Us }) => [page, ...[p50Us, p99Us].map((value) => `${(value / 1000).toFixed(1)} ms`)])
  const text = `\`GET /connections?limit=${LIMIT}\` of ${TOTAL.toLocaleString('en')} connections, one caller.\n\n${table(['page', 'p50', 'p99'], rows)}`
  return { title: 'Listing connections', text, figures }
}

/** Straight into the tables, as 100,000 sign-ups would leave them; the one that `search` shall find has another end to its name. */
async function fill(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(`
      insert into connection (id, environment_id, integration_id, connection_id, end_user, tags)
      select gen_random_uuid(), i.environment_id, i.id, 'customer-' || n || case n when 777 then 'x' else '' end,
        jsonb_build_object('id', 'user-' || n, 'display_name', 'Customer ' || n, 'email', 'user-' || n || '@example.com', 'tags', null,
          'organization', jsonb_build_object('id', 'org-' || n % 1000, 'display_name', 'Organisation ' || n % 1000)),
        jsonb_build_object('end_user_id', 'user-' || n, 'team', 'team-' || n % 1000, 'plan', case n % 2 when 0 then 'free' else 'paid' end)
      from integration i, generate_series(1, ${TOTAL}) n where i.unique_key = '${INTEGRATION}'`)
    // Autovacuum does so within a minute or two.
    await client.query('vacuum analyze connection')
  } finally {
    await client.end()
  }
}
