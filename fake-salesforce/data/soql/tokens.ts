import { namedErrors } from '../../error-table.ts'
import { SoqlError } from './soql-error.ts'

export interface Token {
  kind: 'word' | 'string' | 'number' | 'symbol' | 'end'
  text: string
}

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }

// A date literal such as 2024-01-31T00:00:00Z begins like a number, so it is tried first.
const PATTERN =
  /\s*(?:(\d{4}-\d{2}-\d{2}(?:T[0-9:.]+(?:Z|[+-]\d{2}:?\d{2}))?)|(-?\d+(?:\.\d+)?)|([A-Za-z_][A-Za-z0-9_.]*)|('(?:[^'\\]|\\.)*')|(<=|>=|!=|<>|[=<>(),]))/sy

/** The tokens of a query, closed by one of kind `end`. */
export function tokensOf(query: string): Token[] {
  const tokens: Token[] = []
  PATTERN.lastIndex = 0
  while (/\S/.test(query.slice(PATTERN.lastIndex))) {
    const start = PATTERN.lastIndex
    const match = PATTERN.exec(query)
    if (match === null) throw new SoqlError(namedErrors.unexpectedToken(query.slice(start).trim().charAt(0)))
    const [, date, number, word, quoted, symbol] = match
    if (date !== undefined) tokens.push({ kind: 'string', text: date })
    else if (number !== undefined) tokens.push({ kind: 'number', text: number })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word })
    else if (quoted !== undefined) tokens.push({ kind: 'string', text: unquoted(quoted) })
    else tokens.push({ kind: 'symbol', text: symbol ?? '' })
  }
  return [...tokens, { kind: 'end', text: '' }]
}

function unquoted(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/gs, (_, character: string) => ESCAPES[character] ?? character)
}
