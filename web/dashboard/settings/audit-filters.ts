/** What the address of the audit page asks for. */
export interface AuditFilters {
  action?: string
  /** Id of a key, a person, or a connect session. */
  actor?: string
  connection?: string
  integration?: string
  /** ISO. */
  from?: string
  to?: string
}

const TEXTS = { action: /^.{1,100}$/, actor: /^.{1,100}$/, connection: /^.{1,255}$/, integration: /^[a-zA-Z0-9~:.@ _-]{1,255}$/ } as const

/** Whatever stands in the address, only what can be asked for comes out. */
export function auditFiltersOf(search: Record<string, unknown>): AuditFilters {
  const filters: AuditFilters = {}
  for (const [name, form] of Object.entries(TEXTS) as [keyof typeof TEXTS, RegExp][]) {
    // The router reads `12` as a number.
    const value = typeof search[name] === 'number' ? String(search[name]) : search[name]
    if (typeof value === 'string' && form.test(value)) filters[name] = value
  }
  for (const name of ['from', 'to'] as const) {
    const at = typeof search[name] === 'string' ? Date.parse(search[name]) : Number.NaN
    if (!Number.isNaN(at)) filters[name] = new Date(at).toISOString()
  }
  return filters
}

/** The command that writes the same rows as far as it can narrow them. */
export function exportCommand({ from, to }: AuditFilters): string {
  return ['npm run -s hawser -- audit export', from && `--from ${from}`, to && `--to ${to}`, '> audit.jsonl'].filter(Boolean).join(' ')
}
