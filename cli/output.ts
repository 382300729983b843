/** What a command prints: sentences for people, or one JSON value for programs. */
import { HawserError } from '@hawser/node'
import { explainText } from '#diagnosis/explain-text.ts'

/** A mistake of the person at the keyboard; printed without a stack. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  /** What programs read of it besides the message. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.details = details
  }
}

export function print(json: boolean | undefined, value: unknown, sentences: string | string[]): void {
  if (json) console.log(JSON.stringify(value, null, 2))
  else console.log(Array.isArray(sentences) ? sentences.join('\n') : sentences)
}

/** What a provider answered, as it is shown: JSON in lines, text as it is, files not at all. */
export function shown(data: unknown): string {
  if (data instanceof Uint8Array) return `(${data.byteLength} bytes)`
  if (data === null || data === '') return '(no content)'
  return typeof data === 'string' ? data : JSON.stringify(data, null, 2)
}

export function reportFailure(error: unknown, json: boolean): void {
  if (json) console.log(JSON.stringify({ error: errorValue(error) }, null, 2))
  else console.error(errorSentences(error).join('\n'))
}

function errorValue(error: unknown): Record<string, unknown> {
  if (error instanceof HawserError)
    return {
      code: error.code,
      status: error.status,
      message: error.message,
      errors: error.errors,
      diagnosis: error.diagnosis ?? null,
      ...(error.retryAfter === undefined ? {} : { retry_after: error.retryAfter }),
      ...(error.code === 'provider_error' ? { data: error.data } : {}),
    }
  const details = error instanceof CommandFailure ? error.details : {}
  return { code: 'command_failed', message: error instanceof Error ? error.message : String(error), ...details }
}

function errorSentences(error: unknown): string[] {
  if (error instanceof HawserError) {
    const steps = error.diagnosis?.fix ?? []
    // The message itself often ends with what to do, in one paragraph; here every step has a line.
    const lines = [`${steps.reduce((message, step) => message.replace(` ${step}`, ''), error.message)} (${error.code})`]
    if (error.diagnosis) lines.push(`  Why: ${error.diagnosis.cause}`)
    lines.push(...steps.map((step) => `  Do:  ${step}`))
    if (error.code === 'network_error')
      lines.push('  Do:  Is the server running? Start it with npm start, or say where it is with --server.')
    if (error.code === 'provider_error' && error.data !== undefined) {
      lines.push(shown(error.data))
      const { diagnosis } = explainText(shown(error.data))
      if (diagnosis) lines.push(`  Why: ${diagnosis.cause}`, ...diagnosis.fix.map((step) => `  Do:  ${step}`))
    }
    if (error.retryAfter !== undefined) lines.push(`  Hawser asks again in ${error.retryAfter} s at the earliest.`)
    return lines
  }
  if (error instanceof CommandFailure) return [error.message]
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)]
}
