/** What a command prints: sentences for people, or one JSON value for programs. */
import { HawserError } from '@hawser/node'

/** A mistake of the person at the keyboard; printed without a stack. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
}

export function print(json: boolean | undefined, value: unknown, sentences: string | string[]): void {
  if (json) console.log(JSON.stringify(value, null, 2))
  else console.log(Array.isArray(sentences) ? sentences.join('\n') : sentences)
}

export function reportFailure(error: unknown, json: boolean): void {
  if (json) console.log(JSON.stringify({ error: errorValue(error) }, null, 2))
  else console.error(errorSentences(error).join('\n'))
}

function errorValue(error: unknown): Record<string, unknown> {
  if (error instanceof HawserError)
    return { code: error.code, status: error.status, message: error.message, diagnosis: error.diagnosis ?? null }
  return { code: 'command_failed', message: error instanceof Error ? error.message : String(error) }
}

function errorSentences(error: unknown): string[] {
  if (error instanceof HawserError) {
    const lines = [`${error.message} (${error.code})`]
    if (error.diagnosis) lines.push(`  Why: ${error.diagnosis.cause}`)
    // The message itself often ends with what to do.
    if (error.diagnosis && !error.message.includes(error.diagnosis.fix)) lines.push(`  Do:  ${error.diagnosis.fix}`)
    return lines
  }
  if (error instanceof CommandFailure) return [error.message]
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)]
}
