import { headlineOf, outcomeOf, durationText, oneOfKind, type WholeOperation } from './operation-words.ts'

/** One operation as plain text, for a ticket: all that the page shows, and no more. `address`: of the page. */
export function supportTextOf(operation: WholeOperation, address: string): string {
  const { diagnosis, error, error_message: message, messages } = operation
  const lines = [
    `${headlineOf(operation)}: ${outcomeOf(operation)}`,
    '',
    ...fields([
      ['Operation', operation.id],
      ['At', operation.at],
      ['Kind', `${oneOfKind[operation.kind]} (${operation.action})`],
      ['Took', operation.duration_ms === null ? null : durationText(operation.duration_ms)],
      ['Integration', operation.integration],
      ['Connection', operation.connection_id],
      ['End user', operation.end_user_id],
      ['Host', operation.host],
      ['Error', error && [error.code, error.title].filter(Boolean).join(': ')],
      ['Message', message],
      ['Page', address],
    ]),
    ...(diagnosis
      ? ['', `Diagnosis: ${diagnosis.title} (${diagnosis.code})`, diagnosis.cause, ...diagnosis.fix.map((step, at) => `${at + 1}. ${step}`)]
      : []),
    ...(messages.length > 0 ? ['', 'Steps', ...messages.map(({ at, level, text }) => `${at} ${level.padEnd(5)} ${text}`)] : []),
    ...headerLines('Request headers', operation.request_headers),
    ...headerLines('Response headers', operation.response_headers),
    ...(operation.response_body === null ? [] : ['', 'Response body (beginning)', operation.response_body]),
  ]
  return `${lines.join('\n')}\n`
}

function fields(rows: readonly (readonly [name: string, value: string | null])[]): string[] {
  return rows.filter(([, value]) => value !== null && value !== '').map(([name, value]) => `${`${name}:`.padEnd(13)}${value}`)
}

function headerLines(title: string, headers: Record<string, string>): string[] {
  const entries = Object.entries(headers)
  return entries.length === 0 ? [] : ['', title, ...entries.map(([name, value]) => `${name}: ${value}`)]
}
