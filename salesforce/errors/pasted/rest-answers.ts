import type { RestError } from '../rest-error-body.ts'
import { parseRestErrorBody } from '../rest-error-body.ts'

/** `ownForm`: an array of `errorCode` and `message`, or a fault of Salesforce's own name space; few other APIs answer so. */
export type RestAnswer = { errors: RestError[]; ownForm: boolean }

const OWN_MEMBERS: readonly string[] = ['message', 'errorCode', 'fields', 'extendedErrorDetails', 'statusCode']

/** REST, SOAP and Bulk errors in a text, also with words around them, and as Python prints them. */
export function restAnswerIn(text: string): RestAnswer {
  for (const part of [text, between(text, '[', ']'), between(text, '{', '}'), between(text, '<', '>')]) {
    const errors = part === undefined ? [] : parseRestErrorBody(part)
    if (errors.length > 0 && part !== undefined) return { errors, ownForm: isOwnForm(part.trim()) }
  }
  const code = /["']errorCode["']\s*(?::|=>)\s*["']([A-Za-z_]{3,80})["']/.exec(text)?.[1]
  if (code === undefined) return { errors: [], ownForm: false }
  const message = /["']message["']\s*(?::|=>)\s*(?:"([^"\n]{1,1000})"|'([^'\n]{1,1000})')/.exec(text)
  const said = message === null ? {} : { message: message[1] ?? message[2] ?? '' }
  return { errors: [{ errorCode: code, ...said }], ownForm: /\[\s*\{\s*['"](?:message|errorCode)['"]/.test(text) }
}

function between(text: string, open: string, close: string): string | undefined {
  const [start, end] = [text.indexOf(open), text.lastIndexOf(close)]
  return start >= 0 && end > start ? text.slice(start, end + 1) : undefined
}

function isOwnForm(part: string): boolean {
  if (part.startsWith('<')) return /<faultcode>\s*sf:|<Errors>\s*<Error>\s*<errorCode>|<exceptionCode>/.test(part)
  try {
    const parsed: unknown = JSON.parse(part)
    return (
      Array.isArray(parsed) &&
      parsed.length > 0 &&
      parsed.slice(0, 10).every((item: unknown) => {
        if (typeof item !== 'object' || item === null || !('errorCode' in item) || !('message' in item)) return false
        return Object.keys(item).every((name) => OWN_MEMBERS.includes(name))
      })
    )
  } catch {
    return false
  }
}
