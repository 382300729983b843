/** Between the names of the API (`callback_urls`) and those of the program (`callbackUrls`), for whole trees. Values stay as they are. */

export function inCamelCase(value: unknown): unknown {
  return renamed(value, (name) => name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()))
}

export function inSnakeCase(value: unknown): unknown {
  return renamed(value, snakeCased)
}

export function snakeCased(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((entry) => renamed(entry, rename))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [rename(name), renamed(entry, rename)]))
}
