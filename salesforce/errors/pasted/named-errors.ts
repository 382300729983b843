import { addressAround } from './address-facts.ts'
import { formDecoded } from './spellings.ts'

/** An OAuth error that the text names as such, with what stands beside it. */
export type NamedError = {
  from: 'address' | 'json' | 'line'
  error: string
  description?: string | undefined
  /** The address that carries it. */
  address?: string | undefined
  /** Nothing but the code is given: no description, no other words of its own. */
  bare: boolean
}

const MOST = 10

/** `error=…&error_description=…` anywhere: the query of an address, a form, the text of Salesforce's own page. */
export function errorsInAddresses(text: string): NamedError[] {
  const found: NamedError[] = []
  for (const match of text.matchAll(/(?:^|[?&#\s"'>(])error=([^&\s"'<>#)]{1,200})/gi)) {
    const description = /(?:^|[?&#\s"'>(])error_description=(?:"([^"\n]{1,1000})"|([^&"<>#\n]{1,1000}))/i.exec(text)
    found.push({
      from: 'address',
      error: formDecoded(match[1] ?? ''),
      description: description === null ? undefined : formDecoded(description[1] ?? description[2] ?? ''),
      address: addressAround(text, match.index),
      bare: description === null,
    })
    if (found.length >= MOST) break
  }
  return found
}

/** A token answer: JSON, also as Python, Ruby or a logger print it. */
export function errorsInJson(text: string): NamedError[] {
  const match = /(["'])error\1\s*(?::|=>)\s*(["'])([\w.-]{1,100})\2/i.exec(text)
  if (match === null) return []
  const description = /(["'])error_description\1\s*(?::|=>)\s*(?:"((?:[^"\\]|\\.){1,1000})"|'((?:[^'\\]|\\.|'(?=\w)){1,1000})')/i.exec(text)
  const said = description === null ? undefined : (description[2] ?? description[3] ?? '').replace(/\\(.)/g, '$1')
  return [{ from: 'json', error: match[3] ?? '', description: said, bare: said === undefined && namesAreFew(text) }]
}

// Other members hold words of another API: then the code alone is not all that was said.
function namesAreFew(text: string): boolean {
  const names = [...text.slice(0, 4000).matchAll(/["'](\w{1,60})["']\s*(?::|=>)/g)].map(([, name]) => name?.toLowerCase())
  return names.every((name) => name !== undefined && ['error', 'error_uri', 'state'].includes(name))
}

/** Codes that stand in a line of a log or on a screen as an error does: `… failed: invalid_grant`, `invalid_grant: expired …`, alone in the line. */
export function errorsInLines(text: string, codes: readonly string[]): NamedError[] {
  const found: NamedError[] = []
  const lines = text.split('\n').slice(0, 200)
  // Other lines say what the code alone does not.
  const single = lines.filter((line) => line.trim() !== '').length === 1
  for (const line of lines) {
    for (const code of codes) {
      const at = wordAt(line, code)
      if (at < 0) continue
      const [before, after] = [line.slice(0, at), line.slice(at + code.length)]
      const description = /^["'`]?\s{0,3}(?::|—|–|-|\()\s{0,3}["'`]?([^\n]{3,300})$/.exec(after)?.[1]
      if (description !== undefined)
        found.push({ from: 'line', error: code, description: description.replace(/["'`)\]}\s]+$/, ''), bare: false })
      else if (standsAsError(before, after)) found.push({ from: 'line', error: code, bare: single })
      if (found.length >= MOST) return found
    }
  }
  // Several different codes without a description are a list in somebody's prose, not an error.
  const alone = new Set(found.filter((one) => one.description === undefined).map((one) => one.error))
  return alone.size > 1 ? found.filter((one) => one.description !== undefined) : found
}

function standsAsError(before: string, after: string): boolean {
  if (!/^["'`)\]}!]*(?:[.,;]?\s*$|[,;]\s)/.test(after)) return false
  return /[:=]\s*["'`([]?$/.test(before) || /^[\s>*•\-"'`|]*$/.test(before) || (before.endsWith('(') && after.startsWith(')'))
}

/** Index of the code as a whole word, in any case; -1 if it is not there. */
export function wordAt(text: string, code: string): number {
  const [hay, needle] = [text.toLowerCase(), code.toLowerCase()]
  for (let at = hay.indexOf(needle), tries = 0; at >= 0 && tries < 50; at = hay.indexOf(needle, at + 1), tries++) {
    if (!/[\w-]/.test(hay.charAt(at - 1)) && !/[\w-]/.test(hay.charAt(at + needle.length))) return at
  }
  return -1
}
