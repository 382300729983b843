/** Where a text stops being JSON (RFC 8259). Browsers’ own messages name the place in different ways, or not at all. */
export interface JsonProblem {
  /** Both from 1. */
  line: number
  column: number
  message: string
}

const SPACE = /[ \t\n\r]*/y
// eslint-disable-next-line no-control-regex -- JSON forbids them in texts
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const DEEPEST = 200

class Stop extends Error {
  readonly at: number
  constructor(at: number, message: string) {
    super(message)
    this.at = at
  }
}

/** undefined: the text is JSON. */
export function jsonProblem(text: string): JsonProblem | undefined {
  try {
    const end = skip(text, value(text, skip(text, 0), 0))
    if (end < text.length) throw new Stop(end, 'There is something behind the end.')
    return undefined
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    const before = text.slice(0, error.at).split('\n')
    return { line: before.length, column: (before.at(-1) ?? '').length + 1, message: error.message }
  }
}

function skip(text: string, at: number): number {
  SPACE.lastIndex = at
  SPACE.exec(text)
  return SPACE.lastIndex
}

function match(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}

/** All of them return where they end. */
function value(text: string, at: number, depth: number): number {
  if (depth > DEEPEST) throw new Stop(at, 'This is nested too deeply.')
  if (text[at] === '{') return list(text, at, '}', (from) => member(text, from, depth))
  if (text[at] === '[') return list(text, at, ']', (from) => value(text, from, depth + 1))
  if (text[at] === '"') return string(text, at)
  const end = match(SCALAR, text, at)
  if (end === undefined)
    throw new Stop(at, at >= text.length ? 'A value is missing at the end.' : 'A value is expected here: text goes in double quotes.')
  return end
}

function string(text: string, at: number): number {
  const end = match(STRING, text, at)
  if (end === undefined) throw new Stop(at, 'This text is not closed, or holds a line break or an unknown \\ sequence.')
  return end
}

function member(text: string, at: number, depth: number): number {
  if (text[at] !== '"') throw new Stop(at, 'A name in double quotes is expected here.')
  const colon = skip(text, string(text, at))
  if (text[colon] !== ':') throw new Stop(colon, 'A colon is expected here.')
  return value(text, skip(text, colon + 1), depth + 1)
}

function list(text: string, open: number, close: string, item: (from: number) => number): number {
  let at = skip(text, open + 1)
  if (text[at] === close) return at + 1
  for (;;) {
    at = skip(text, item(at))
    if (text[at] === close) return at + 1
    if (text[at] !== ',') throw new Stop(at, `A comma or ${close} is expected here.`)
    at = skip(text, at + 1)
  }
}
