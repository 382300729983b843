/** Longer error bodies are cut: Salesforce's are short, and a proxy must not parse what a stranger sends without bound. */
const LONGEST_BODY = 64 * 1024
const MOST_ERRORS = 10

export type RestError = { errorCode?: string; message?: string }

/**
 * The errors in a response body of Salesforce: a JSON array or object, REST's XML form, a SOAP fault, Bulk 1's `exceptionCode`.
 * Empty when nothing of that kind is in it; never throws.
 */
export function parseRestErrorBody(body: string): RestError[] {
  const text = body.slice(0, LONGEST_BODY).trim()
  if (text.startsWith('[') || text.startsWith('{')) return fromJson(text)
  if (text.startsWith('<')) return fromXml(text)
  return []
}

function fromJson(text: string): RestError[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return []
  }
  const items: unknown[] = Array.isArray(parsed) ? parsed.slice(0, MOST_ERRORS) : [parsed]
  return items.flatMap((item) => {
    if (typeof item !== 'object' || item === null) return []
    const { errorCode, exceptionCode, message, exceptionMessage } = item as Record<string, unknown>
    return restError(textOf(errorCode ?? exceptionCode), textOf(message ?? exceptionMessage))
  })
}

function fromXml(text: string): RestError[] {
  const code = /<(?:errorCode|exceptionCode|faultcode)>\s*(?:[\w.-]{1,32}:)?(\w{1,80})\s*</i.exec(text)?.[1]
  const message = /<(?:message|exceptionMessage|faultstring)>([^<]{1,2000})</i.exec(text)?.[1]
  return restError(code, message)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function restError(errorCode: string | undefined, message: string | undefined): RestError[] {
  if (errorCode === undefined && message === undefined) return []
  return [{ ...(errorCode === undefined ? {} : { errorCode }), ...(message === undefined ? {} : { message }) }]
}
