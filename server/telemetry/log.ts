import pino, { type Logger } from 'pino'
import { readableLine } from './readable-line.ts'
import { redactFields, redactText } from './redact.ts'

export { redactUrl } from './redact.ts'

export interface LogOptions {
  level: string
  /** Lines for people instead of JSON; default: whether stdout is a terminal. */
  pretty?: boolean
  /** Takes the finished lines; default: stdout. */
  write?: (line: string) => void
}

/**
 * Logs to stdout. Fields named like secrets are replaced at any depth, and in every finished line, messages and stacks included, what has the form
 * of a credential.
 */
export function createLogger({ level, pretty = process.stdout.isTTY === true, write = writeToStdout }: LogOptions): Logger {
  const colour = process.stdout.isTTY === true && !process.env['NO_COLOR']
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redactFields(fields) as Record<string, unknown>,
        bindings: (fields) => redactFields(fields) as Record<string, unknown>,
      },
      serializers: { err: errorFields },
      hooks: { streamWrite: redactText },
    },
    { write: pretty ? (line: string) => write(readableLine(line, colour)) : write },
  )
}

function writeToStdout(line: string): void {
  process.stdout.write(line)
}

/** pino's own form, whose extra fields may hold a request or an answer. */
function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return redactFields(error)
  const { stack, message, type, ...rest } = pino.stdSerializers.err(error)
  return { ...(redactFields(rest) as object), type, message, stack }
}
