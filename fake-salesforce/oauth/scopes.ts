import type { App } from '../state.ts'

/** Two names for one scope. */
function canonical(scope: string): string {
  return scope === 'offline_access' ? 'refresh_token' : scope
}

/** The scopes that a request gets: all of the app's when it names none; undefined when it names one that the app lacks. */
export function grantedScope(app: App, asked: string | null): string[] | undefined {
  if (asked === null || asked.trim() === '') return [...app.scopes]
  const allowed = new Set(app.scopes.map(canonical))
  const wanted = [...new Set(asked.split(/\s+/).filter((scope) => scope !== ''))]
  return wanted.every((scope) => allowed.has(canonical(scope))) ? wanted : undefined
}

export function includesRefresh(scope: string[]): boolean {
  return scope.map(canonical).includes('refresh_token')
}
