import type { Verification } from '../../server/backup/verify-backup.ts'

export function sentencesOfVerification({ beginning, summary, restored, migrated, sample, unchecked, faults }: Verification): string[] {
  const rows = summary.tables.reduce((sum, table) => sum + table.rows, 0)
  const included = summary.files.some(({ path }) => path === 'vault.key')
  const many = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`
  return [
    `Made ${beginning.createdAt} by ${beginning.program} on PostgreSQL ${beginning.postgres}, schema ${beginning.migrations.at(-1)}; environments: ${beginning.environments.join(', ') || 'none'}.`,
    `Read to its end: ${many(rows, 'row')} in ${summary.tables.length} tables, ${many(summary.jobs, 'job')}, ${many(summary.files.length, 'file')} of the data directory${included ? ' (the vault key among them)' : ''}; all sums are right.`,
    ...(restored
      ? [
          `Restored into a PostgreSQL of its own: every table holds the same there${migrated.length > 0 ? `; then migrated up by ${migrated.join(', ')}` : ''}.`,
        ]
      : []),
    ...(sample
      ? [
          `Opened with the vault key: one each of ${sample.opened.join(', ') || 'nothing, for nothing is stored'}; audit trail: ${many(sample.auditRows, 'row')} in ${many(sample.auditChains, 'chain')}.`,
        ]
      : []),
    ...unchecked.map((what) => `NOT looked at: ${what}.`),
    ...faults.map((fault) => `WRONG: ${fault}`),
    ...(faults.length === 0 && unchecked.length === 0 ? ['It can be restored.'] : []),
  ]
}
