/** Made-up figures, and the vault's state. */
import { ago } from './stub-time.ts'

export const vaultAnswer = (places: object[] = []) => ({
  data: {
    state: 'live',
    reason: null,
    words: [],
    epoch: '1',
    key: { id: 'a1b2c3', kind: 'local', backed_up_at: null },
    rotation: { generation: 1, step: null, announced_at: null, switched_at: null, finished_at: null, rewrapped: 0, remaining: 0 },
    frozen: { total: places.length, places },
    spool: { files: 0, waiting: 0 },
    audit_journal: { bytes: 0, max_bytes: 1_000_000 },
    version: '0.1.0',
  },
})

/** As of a quarter of an hour each; a bump around the middle. */
export function overviewAnswer(hours: number) {
  const length = { 1: 60, 24: 96, 168: 84, 720: 90 }[hours] ?? 96
  const seconds = (hours * 3600) / length
  const series = Array.from({ length }, (_, index) => {
    const calls = Math.round(400 + 300 * Math.sin(index / 7))
    const bad = index > length / 2 && index < length / 2 + 6
    const counts = {
      calls,
      client_errors: bad ? 60 : 4,
      server_errors: bad ? 25 : 0,
      no_answer: 0,
      refreshes: 6,
      refresh_failures: bad ? 3 : 0,
    }
    return {
      at: new Date(Date.now() - (length - index) * seconds * 1000).toISOString(),
      ...counts,
      p50_ms: 90 + (index % 9),
      p95_ms: bad ? 1900 : 240 + (index % 30),
    }
  })
  const sum = (name: 'calls' | 'client_errors' | 'server_errors' | 'refreshes' | 'refresh_failures') =>
    series.reduce((all, row) => all + row[name], 0)
  return {
    data: {
      from: series[0]!.at,
      to: new Date().toISOString(),
      bucket_seconds: seconds,
      connections: {
        total: 1280,
        ok: 1262,
        broken: 11,
        frozen: 7,
        by_integration: [
          {
            integration: 'salesforce-sandbox',
            provider: 'salesforce-sandbox',
            display_name: 'Salesforce Sandbox',
            total: 900,
            ok: 889,
            broken: 11,
            frozen: 0,
          },
          { integration: 'salesforce', provider: 'salesforce', display_name: 'Salesforce', total: 380, ok: 373, broken: 0, frozen: 7 },
        ],
      },
      issues: { open: 11, by_kind: [{ kind: 'refresh_failed', count: 11 }] },
      totals: {
        calls: sum('calls'),
        client_errors: sum('client_errors'),
        server_errors: sum('server_errors'),
        no_answer: 2,
        refreshes: sum('refreshes'),
        refresh_failures: sum('refresh_failures'),
        p50_ms: 95,
        p95_ms: 410,
      },
      series,
      api_usage: [
        {
          org_id: '00D000000000001EAA',
          org_name: 'Acme UAT',
          connection_id: 'conn-000003',
          integration: 'salesforce-sandbox',
          used: 96_000,
          max: 100_000,
          seen_at: ago(2),
        },
        {
          org_id: '00D000000000002EAA',
          org_name: 'Globex',
          connection_id: 'conn-000006',
          integration: 'salesforce',
          used: 21_000,
          max: 100_000,
          seen_at: ago(9),
        },
      ],
      activity: { dropped: 0 },
    },
  }
}
