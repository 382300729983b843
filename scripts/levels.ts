/**
 * Who may import whom: a folder of `server/` imports folders on lower levels only. `npm run generate` turns this list into
 * lint rules; `ARCHITECTURE.md` shows it.
 */
export const levels: readonly (readonly string[])[] = [
  ['db', 'lib'],
  ['http', 'queue', 'vault', 'providers', 'telemetry', 'bus', 'egress', 'diagnosis', 'guides'],
  ['accounts', 'activity', 'audit', 'events', 'freeze', 'people'],
  ['integrations', 'auth-modes', 'oauth', 'quirks', 'issues', 'orgs'],
  ['connections'],
  ['connect', 'proxy'],
  ['doctor', 'overview', 'backup'],
]

/** Allowed besides: within one level, from the first to the second. */
export const sideways: readonly (readonly [string, string])[] = [
  ['db', 'lib'],
  ['auth-modes', 'oauth'],
  ['quirks', 'oauth'],
  ['quirks', 'orgs'],
  ['http', 'bus'],
  ['http', 'diagnosis'],
  ['providers', 'http'],
  ['vault', 'diagnosis'],
]

/** What a workspace may import of the others; everything else is closed to it. */
export const workspaces: Record<string, readonly string[]> = {
  api: [],
  salesforce: [],
  'fake-salesforce': [],
  'sdk/node': [],
  'sdk/browser': [],
  web: ['api', 'salesforce', 'sdk/browser'],
  testkit: [],
}

/** Folders of `server/` that a folder may not import. */
export function forbiddenFor(folder: string): string[] {
  const level = levels.findIndex((names) => names.includes(folder))
  const allowed = new Set([...levels.slice(0, level).flat(), folder, ...sideways.filter(([from]) => from === folder).map(([, to]) => to)])
  return levels.flat().filter((name) => !allowed.has(name))
}
