const NAMES: Record<string, string> = { trace: 'trace', debug: 'debug', info: 'info ', warn: 'WARN ', error: 'ERROR', fatal: 'FATAL' }
const COLOURS: Record<string, string> = { warn: '\u001b[33m', error: '\u001b[31m', fatal: '\u001b[31m' }
const DIM = '\u001b[2m'
const OFF = '\u001b[0m'
const NOT_SHOWN = new Set(['level', 'time', 'msg', 'pid', 'hostname', 'err'])

/** One of pino's JSON lines for people: `12:30:01 info  message  key=value`, then the stack of an error. Anything else is given back as it is. */
export function readableLine(line: string, colour: boolean): string {
  const entry = parse(line)
  if (!entry) return line
  const { level, time, msg, err } = entry
  const name = String(level)
  const fields = Object.entries(entry)
    .filter(([key]) => !NOT_SHOWN.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value)}`)
  const paint = (code: string | undefined, text: string) => (colour && code ? `${code}${text}${OFF}` : text)
  const head = `${paint(DIM, clockTime(time))} ${paint(COLOURS[name], NAMES[name] ?? name)} ${String(msg ?? '')}`
  const tail = fields.length > 0 ? `  ${paint(DIM, fields.join(' '))}` : ''
  return `${head}${tail}${stackOf(err)}\n`
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function clockTime(time: unknown): string {
  const date = new Date(typeof time === 'string' || typeof time === 'number' ? time : Number.NaN)
  return Number.isNaN(date.getTime()) ? '--:--:--' : date.toTimeString().slice(0, 8)
}

function stackOf(err: unknown): string {
  if (typeof err !== 'object' || err === null) return ''
  const { stack, message } = err as { stack?: unknown; message?: unknown }
  const text = typeof stack === 'string' ? stack : typeof message === 'string' ? message : ''
  return text === '' ? '' : `\n${text.replace(/^/gm, '  ')}`
}
