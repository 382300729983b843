import type { Database } from '../../server/db/pool.ts'

/** Base64 of a text that may begin at any of three places within a group; the ends, which depend on the neighbours, are left out. */
function base64Forms(value: string): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.from(' '.repeat(offset) + value).toString('base64')
    const inner = encoded.slice(4, -4)
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
  })
}

/** Names of the texts that hold the value in any form in which it could be read back. */
export function placesOf(value: string, texts: Record<string, string>): string[] {
  const forms = [
    value,
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    Buffer.from(value).toString('hex'),
    ...base64Forms(value),
  ].filter((form) => form.length >= 12)
  return Object.entries(texts)
    .filter(([, text]) => forms.some((form) => text.includes(form)))
    .map(([name]) => name)
}

/** Every row of every table as text; bytes both as hex and as the characters that they are. */
export async function databaseDump(db: Database): Promise<Record<string, string>> {
  const { rows: tables } = await db.pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
  )
  const dump: Record<string, string> = {}
  for (const { name } of tables) {
    const { rows } = await db.pool.query<Record<string, unknown>>(`select * from ${name}`)
    dump[name] = rows.map((row) => Object.values(row).map(asText).join('\n')).join('\n')
  }
  return dump
}

function asText(value: unknown): string {
  if (Buffer.isBuffer(value)) return `${value.toString('latin1')} ${value.toString('hex')}`
  return typeof value === 'string' ? value : JSON.stringify(value)
}
