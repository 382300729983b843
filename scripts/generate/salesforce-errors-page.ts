/** `docs/guides/salesforce-errors.md`: every row of the doctor's table as a section, under its code. */
import { toDiagnosis } from '../../server/diagnosis/diagnose.ts'
import { guideRows, ownChecks } from '../../salesforce/errors/guide-rows.ts'
import { actorWords, confidenceWords } from '../../salesforce/errors/in-words.ts'
import type { ErrorMatch, ErrorRow, Place } from '../../salesforce/errors/error-row.ts'

type Row = Omit<ErrorRow, 'match'> & { match?: readonly ErrorMatch[] }

const PLACES: readonly (readonly [title: string, text: string, places: readonly Place[]])[] = [
  [
    'Back at the callback',
    'Salesforce sent the browser back with `error` and `error_description`; the connect session has the result.',
    ['authorize'],
  ],
  [
    'On Salesforce’s own page',
    'These never come back to this server: the connect session just ends. Paste the address or the text of the page into the doctor.',
    ['page'],
  ],
  ['From the token endpoint', 'Answers to a sign-in’s last step, to a refresh, and to a revocation.', ['token']],
  ['From the data API', 'Answers of REST, SOAP, Bulk and the identity service. The proxy passes them on as they are.', ['rest']],
  ['In a deploy', 'What `sf project deploy start` prints, or a deploy result says, about an external client app.', ['deploy']],
  ['In Setup', 'Nothing here has a code; the doctor knows it by a few plain words.', ['setup']],
  [
    'Found by our own checks',
    'Salesforce sent no error, but what it sent cannot be used, or does not fit what was known before.',
    ['check'],
  ],
]

export function salesforceErrorsPage(): string {
  const rows: readonly Row[] = guideRows
  const sections = PLACES.flatMap(([title, text, places]) => [
    `## ${title}`,
    text,
    ...rows.filter((row) => isAmong(row, places)).map(section),
  ])
  return `${[
    '<!-- Printed by `npm run generate`; do not edit. -->',
    '# Salesforce errors',
    'What Salesforce says when something is wrong, why, and what to do. You need not search: paste an address, a page, JSON or the output of the Salesforce CLI into',
    '```sh\nnpm run hawser -- doctor "<what you see>"\n```',
    'or send it to `POST /doctor`. Both know the errors of this page, and say so plainly when they do not know one. `npm run hawser -- doctor --integration <key>` asks Salesforce whether client id, callback URL and scopes of an integration are right.',
    'How sure we are stands with each: nothing was tried on a live org. [What only a live org can confirm](../salesforce-unverified.md) lists the rest.',
    'What the [sources](#sources) are stands at the end.',
    ...sections,
    '## Sources',
    'HELP: Salesforce Help · DOCS: Salesforce’s developer documentation · MDAPI67: Metadata API guide, version 67 · CORE: the source of @salesforce/core · JSF: the source of jsforce · ORG: reports from live orgs in public repositories · `name#number`: an issue in that public repository.',
  ].join('\n\n')}\n`
}

// Our own findings stand together, wherever they are met.
function isAmong(row: Row, places: readonly Place[]): boolean {
  return places.includes(ownChecks.includes(row) ? 'check' : row.where)
}

function section(row: Row): string {
  const { id, title, cause, fix, confidence, source } = row
  const { actor, transient } = toDiagnosis(row)
  return [
    `### \`${id}\``,
    `**${title}.**`,
    ...(row.match ? [`What you see: ${row.match.map(seen).join(' · ')}`] : []),
    `Why: ${text(cause)}`,
    fix.length === 1
      ? `What to do: ${text(fix[0])}`
      : `What to do:\n\n${fix.map((step, index) => `${index + 1}. ${text(step)}`).join('\n')}`,
    `Who can end it: ${actorWords[actor]}.${transient ? ' It also passes by itself.' : ''}`,
    `How sure we are: ${confidence} (${confidenceWords[confidence]}); source: ${text(source)}.`,
  ].join('\n\n')
}

function seen({ error, errorCode, description, body, status }: ErrorMatch): string {
  const code = error ?? (errorCode?.endsWith('_') ? `${errorCode}…` : errorCode)
  const words = description ?? body
  const parts = [
    status === undefined ? '' : `status ${status}`,
    code === undefined ? '' : `\`${code}\``,
    words === undefined ? '' : `“${words}”`,
  ]
  return parts.filter((part) => part !== '').join(' ')
}

// What Markdown would read as emphasis, a tag or a link; an underscore inside a word is none.
function text(plain: string): string {
  return plain.replaceAll(/[*<>[\]]|_(?!\w)|(?<!\w)_/g, '\\$&')
}
