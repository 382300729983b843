export type QueryValue = string | number | boolean | undefined | null
export type Query = Record<string, QueryValue | readonly QueryValue[] | Readonly<Record<string, QueryValue>>>

/** `?a=1&b=2&b=3&tags[plan]=pro`, or nothing. Values that are undefined or null are left out. */
export function queryString(query: object | undefined): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries((query ?? {}) as Query)) {
    if (Array.isArray(value)) for (const item of value as readonly QueryValue[]) append(search, name, item)
    else if (typeof value === 'object' && value !== null)
      for (const [key, item] of Object.entries(value)) append(search, `${name}[${key}]`, item as QueryValue)
    else append(search, name, value as QueryValue)
  }
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}

function append(search: URLSearchParams, name: string, value: QueryValue): void {
  if (value !== undefined && value !== null) search.append(name, String(value))
}
