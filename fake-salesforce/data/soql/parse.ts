import { namedErrors } from '../../error-table.ts'
import { SoqlError } from './soql-error.ts'
import { tokensOf, type Token } from './tokens.ts'

export type Value = string | number | boolean | null
export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'like' | 'in' | 'not in'

export type Condition =
  | { kind: 'compare'; field: string; operator: Operator; values: Value[] }
  | { kind: 'and' | 'or'; parts: Condition[] }
  | { kind: 'not'; part: Condition }

export interface Select {
  /** Field paths, or `FIELDS(ALL)`. */
  fields: string[]
  /** `COUNT()` counts rows without records; `COUNT(field)` answers one aggregate record. */
  count: 'rows' | { field: string; alias: string } | null
  from: string
  where: Condition | null
  orderBy: { field: string; descending: boolean; nullsLast: boolean }[]
  limit: number | null
  offset: number
}

/** Nesting deeper than this is refused, so that a hostile query cannot exhaust the stack. */
const DEPTH_LIMIT = 50

interface Reader {
  peek(): Token
  take(): Token
  /** Takes the keyword if it comes next. */
  accept(keyword: string): boolean
  expect(keyword: string): void
  name(): string
}

function readerOf(tokens: Token[]): Reader {
  let at = 0
  const peek = (): Token => tokens[at] ?? { kind: 'end', text: '' }
  const is = (keyword: string): boolean => peek().kind !== 'string' && peek().text.toLowerCase() === keyword
  const accept = (keyword: string): boolean => {
    if (!is(keyword)) return false
    at += 1
    return true
  }
  const refused = (): SoqlError => {
    const { kind, text } = peek()
    return new SoqlError(kind === 'end' ? namedErrors.endOfQuery() : namedErrors.unexpectedToken(text))
  }
  const take = (): Token => {
    if (peek().kind === 'end') throw refused()
    return tokens[at++] as Token
  }
  return {
    peek,
    take,
    accept,
    expect(keyword) {
      if (!accept(keyword)) throw refused()
    },
    name() {
      if (peek().kind !== 'word') throw refused()
      return take().text
    },
  }
}

/** The parts of a SOQL query: SELECT, FROM, WHERE, ORDER BY, LIMIT, OFFSET. Throws SoqlError for anything else. */
export function parseSoql(query: string): Select {
  const reader = readerOf(tokensOf(query))
  reader.expect('select')
  const selected = selectList(reader)
  reader.expect('from')
  const from = reader.name()
  const where = reader.accept('where') ? disjunction(reader, 0) : null
  const orderBy = reader.accept('order') ? orderList(reader) : []
  const limit = reader.accept('limit') ? wholeNumber(reader) : null
  const offset = reader.accept('offset') ? wholeNumber(reader) : 0
  // What clients append and what changes nothing here.
  if (reader.accept('for')) reader.name()
  if (reader.peek().kind !== 'end') throw new SoqlError(namedErrors.unexpectedToken(reader.peek().text))
  return { ...selected, from, where, orderBy, limit, offset }
}

function selectList(reader: Reader): Pick<Select, 'fields' | 'count'> {
  const fields: string[] = []
  let count: Select['count'] = null
  do {
    const name = reader.name()
    if (!reader.accept('(')) {
      fields.push(name)
    } else if (name.toLowerCase() === 'fields') {
      fields.push(`FIELDS(${reader.name().toUpperCase()})`)
      reader.expect(')')
    } else if (name.toLowerCase() === 'count' && reader.accept(')')) {
      count = 'rows'
    } else if (name.toLowerCase() === 'count') {
      const field = reader.name()
      reader.expect(')')
      const aliased = reader.peek().kind === 'word' && reader.peek().text.toLowerCase() !== 'from'
      count = { field, alias: aliased ? reader.name() : 'expr0' }
    } else {
      throw new SoqlError(namedErrors.unknownFunction(name))
    }
  } while (reader.accept(','))
  if (count !== null && fields.length > 0) throw new SoqlError(namedErrors.notGrouped())
  return { fields, count }
}

function disjunction(reader: Reader, depth: number): Condition {
  if (depth > DEPTH_LIMIT) throw new SoqlError(namedErrors.tooDeep())
  const parts = [conjunction(reader, depth)]
  while (reader.accept('or')) parts.push(conjunction(reader, depth))
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'or', parts }
}

function conjunction(reader: Reader, depth: number): Condition {
  const parts = [comparison(reader, depth)]
  while (reader.accept('and')) parts.push(comparison(reader, depth))
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'and', parts }
}

function comparison(reader: Reader, depth: number): Condition {
  if (depth > DEPTH_LIMIT) throw new SoqlError(namedErrors.tooDeep())
  if (reader.accept('not')) return { kind: 'not', part: comparison(reader, depth + 1) }
  if (reader.accept('(')) {
    const inner = disjunction(reader, depth + 1)
    reader.expect(')')
    return inner
  }
  const field = reader.name()
  const operator = operatorOf(reader)
  if (operator !== 'in' && operator !== 'not in') return { kind: 'compare', field, operator, values: [value(reader)] }
  reader.expect('(')
  const values = [value(reader)]
  while (reader.accept(',')) values.push(value(reader))
  reader.expect(')')
  return { kind: 'compare', field, operator, values }
}

function operatorOf(reader: Reader): Operator {
  const taken = reader.take()
  const text = taken.text.toLowerCase()
  if (taken.kind === 'word' && text === 'not') {
    reader.expect('in')
    return 'not in'
  }
  if (taken.kind === 'symbol' && text === '<>') return '!='
  const known: Operator[] = ['=', '!=', '<', '<=', '>', '>=', 'like', 'in']
  const operator = taken.kind === 'string' ? undefined : known.find((one) => one === text)
  if (operator === undefined) throw new SoqlError(namedErrors.unexpectedToken(taken.text))
  return operator
}

function value(reader: Reader): Value {
  const { kind, text } = reader.take()
  if (kind === 'string') return text
  if (kind === 'number') return Number(text)
  const word = text.toLowerCase()
  if (kind === 'word' && (word === 'true' || word === 'false')) return word === 'true'
  if (kind === 'word' && word === 'null') return null
  throw new SoqlError(namedErrors.unexpectedToken(text))
}

function orderList(reader: Reader): Select['orderBy'] {
  reader.expect('by')
  const list: Select['orderBy'] = []
  do {
    const field = reader.name()
    const descending = reader.accept('desc')
    if (!descending) reader.accept('asc')
    let nullsLast = false
    if (reader.accept('nulls')) {
      nullsLast = reader.accept('last')
      if (!nullsLast) reader.expect('first')
    }
    list.push({ field, descending, nullsLast })
  } while (reader.accept(','))
  return list
}

function wholeNumber(reader: Reader): number {
  const { kind, text } = reader.take()
  if (kind !== 'number' || !/^\d{1,9}$/.test(text)) throw new SoqlError(namedErrors.unexpectedToken(text))
  return Number(text)
}
