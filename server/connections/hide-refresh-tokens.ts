const REFRESH_TOKEN = /refresh_?token/i
const DEEPEST = 32

/** A copy without every key that names a refresh token, at any depth; what lies deeper than 32 levels is left out. */
export function hideRefreshTokens(value: Record<string, unknown>): Record<string, unknown> {
  return strip(value, 0) as Record<string, unknown>
}

function strip(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEEPEST) return undefined
  if (Array.isArray(value)) return value.map((item) => strip(item, depth + 1))
  const kept = Object.entries(value).filter(([name]) => !REFRESH_TOKEN.test(name))
  return Object.fromEntries(kept.map(([name, part]) => [name, strip(part, depth + 1)]))
}
