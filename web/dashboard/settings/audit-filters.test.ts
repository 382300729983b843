import { describe, expect, it } from 'vitest'
import { auditFiltersOf, exportCommand } from './audit-filters.ts'

describe('filters of the audit page', () => {
  it('come from the address, whatever stands there', () => {
    expect(
      auditFiltersOf({
        action: 'api_key.create',
        actor: 12,
        connection: '',
        integration: 'a/b',
        from: '2026-01-31',
        to: 'soon',
        other: 'x',
      }),
    ).toEqual({ action: 'api_key.create', actor: '12', from: '2026-01-31T00:00:00.000Z' })
  })

  it('make the command for an export', () => {
    expect(exportCommand({})).toBe('npm run -s hawser -- audit export > audit.jsonl')
    expect(exportCommand({ from: '2026-01-31T00:00:00.000Z' })).toContain(' --from 2026-01-31T00:00:00.000Z > ')
  })
})
