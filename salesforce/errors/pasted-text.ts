import { parseRestErrorBody } from './rest-error-body.ts'
import type { RestError } from './rest-error-body.ts'

const LONGEST_TEXT = 16 * 1024

export type PastedText = {
  /** Pairs found as URL parameters (`address`: authorize and error pages) or JSON members (`json`: token answers), decoded. */
  named: { from: 'address' | 'json'; error: string; description?: string | undefined }[]
  restErrors: RestError[]
  /** The whole text, decoded, in lower case, runs of white space as one space. */
  plain: string
}

/** Reads error codes out of what a person pasted; bounded, never throws. */
export function readPastedText(text: string): PastedText {
  const cut = text.slice(0, LONGEST_TEXT)
  const named = [...fromParameters(cut), ...fromJson(cut)]
  return { named, restErrors: parseRestErrorBody(cut), plain: decoded(cut).toLowerCase().replace(/\s+/g, ' ') }
}

function fromParameters(text: string): PastedText['named'] {
  const error = /(?:^|[?&#\s"'>])error=([^&\s"'<>#]{1,200})/i.exec(text)?.[1]
  if (error === undefined) return []
  const description = /(?:[?&#\s"'>]|&amp;)error_description=([^&"'<>#\n]{1,1000})/i.exec(text)?.[1]
  return [{ from: 'address', error: decoded(error), description: description === undefined ? undefined : decoded(description) }]
}

function fromJson(text: string): PastedText['named'] {
  const error = /"error"\s*:\s*"([\w.-]{1,200})"/i.exec(text)?.[1]
  if (error === undefined) return []
  return [{ from: 'json', error, description: /"error_description"\s*:\s*"([^"]{1,1000})"/i.exec(text)?.[1] }]
}

// Twice, because addresses are often pasted after a chat or mail program has encoded them once more.
function decoded(text: string): string {
  return decodedOnce(decodedOnce(text))
}

function decodedOnce(text: string): string {
  return text.replaceAll('+', ' ').replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run)
    } catch {
      return run
    }
  })
}
