/** The report of a migration as a page beside the app's files. Holds no key and no secret: the map never takes them. */
import { migrationNotes } from '@hawser/salesforce/eca/migration-notes.ts'
import type { MigratedApp, MigrationRow } from '@hawser/salesforce/eca/migrate-connected-app.ts'

type Migrated = Extract<MigratedApp, { ok: true }>

export function migrationReport(label: string, { report, eligibility }: Migrated): string {
  return [
    `# From the connected app "${cell(label)}" to an External Client App`,
    '',
    '## Can Setup’s button do it?',
    '',
    ...table(
      ['Condition', 'State', 'How'],
      eligibility.map(({ condition, state, how }) => [condition, state, how]),
    ),
    ...section('Blockers of the button', report.blockers),
    ...section('For a person to look at', report.needsPerson),
    ...section('Taken over', report.mapped),
    ...section('By default, since the connected app says nothing', report.defaulted),
    ...section('Dropped', report.dropped),
    '## Good to know',
    '',
    ...migrationNotes.map(({ title, text, confidence }) => `- **${title}.** ${text} (${confidence})`),
    '',
  ].join('\n')
}

function section(title: string, rows: readonly MigrationRow[]): string[] {
  if (rows.length === 0) return [`## ${title}`, '', 'Nothing.', '']
  return [
    `## ${title}`,
    '',
    ...table(
      ['From', 'To', 'Value', 'Why'],
      rows.map(({ from, to, value, why }) => [from, to, value ?? '', why]),
    ),
  ]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line), '']
}

/** Texts come from a file that somebody else may have written. */
function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\|<>[\]`*_]/g, '\\$&')
}
