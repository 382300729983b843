/**
 * What a tab keeps over a reload and the way to the provider and back. A browser may forbid storage, and an iframe's is not this page's alone: then
 * it is remembered while the page is open.
 */
const PREFIX = 'hawser-connect-'
const remembered = new Map<string, string>()
const isFramed = typeof window !== 'undefined' && window.parent !== window

export function keep(name: string, value: string): void {
  remembered.set(name, value)
  if (isFramed) return
  try {
    sessionStorage.setItem(PREFIX + name, value)
  } catch {
    // Then `remembered` has it.
  }
}

export function kept(name: string): string | undefined {
  const value = remembered.get(name)
  if (value !== undefined || isFramed) return value
  try {
    return sessionStorage.getItem(PREFIX + name) ?? undefined
  } catch {
    return undefined
  }
}

/** What was typed into an integration's form in this session, so that the next try need not begin at nothing. Never secret fields. */
export function typedFor(token: string, key: string): Record<string, string> {
  const typed = JSON.parse(kept('form') ?? '{}') as { key?: string; token?: string; values?: Record<string, string> }
  return typed.key === key && typed.token === token ? (typed.values ?? {}) : {}
}

export function keepTyped(token: string, key: string, values: Record<string, string>): void {
  keep('form', JSON.stringify({ key, token, values }))
}

/** That the person has left for the provider for an integration. */
export function noteLeft(token: string, key: string): void {
  keep('left', `${token} ${key}`)
}

export function hasLeft(token: string, key: string): boolean {
  return kept('left') === `${token} ${key}`
}
