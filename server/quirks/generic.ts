import type { Quirk } from './quirk.ts'

const MAX_VALUE = 2000

/** Providers that need nothing beyond their catalogue entry. */
export const generic: Quirk = {
  family: 'generic',
  normaliseField: (_provider, _name, value) => ({ ok: true, value }),
  readTokenAnswer: ({ provider, raw }) => ({ ok: true, connectionConfig: metadataIn(raw, provider.token_response_metadata ?? []) }),
  // RFC 6750 §3.1: invalid_token comes with 401.
  isRefreshable: (status) => status === 401,
  confirmImport: () => Promise.resolve({}),
  readOrg: () => Promise.resolve(undefined),
}

/** `team.id` reads a nested value and stays one flat key. Only texts, numbers and booleans are kept. */
export function metadataIn(raw: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const name of names) {
    const value = Object.hasOwn(raw, name) ? raw[name] : nested(raw, name)
    if (typeof value === 'boolean' || typeof value === 'number' || (typeof value === 'string' && value.length <= MAX_VALUE))
      kept[name] = value
  }
  return kept
}

function nested(raw: Record<string, unknown>, path: string): unknown {
  let at: unknown = raw
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
    at = (at as Record<string, unknown>)[name]
  }
  return at
}
