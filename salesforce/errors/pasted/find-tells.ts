import type { ErrorRow, Tell } from '../error-row.ts'

/** A text as it is searched for tells: white space as one space each. */
export type SearchedText = { exact: string; lower: string; exactSpaced: string; lowerSpaced: string }

export function searchedText(visible: string): SearchedText {
  const exact = visible.replace(/\s+/g, ' ')
  const lower = exact.toLowerCase()
  return { exact, lower, exactSpaced: exact.replaceAll('_', ' '), lowerSpaced: lower.replaceAll('_', ' ') }
}

/** The row with the longest tell that stands in the text. */
export function rowToldBy(
  rows: readonly ErrorRow[],
  text: SearchedText,
  counts: (tell: Tell) => boolean = () => true,
): { row: ErrorRow; tell: string } | undefined {
  let best: { row: ErrorRow; tell: string } | undefined
  for (const row of rows) {
    for (const tell of row.tells ?? []) {
      const words = typeof tell === 'string' ? tell : tell.text
      if (words.length > (best?.tell.length ?? 0) && counts(tell) && isTold(tell, text)) best = { row, tell: words }
    }
  }
  return best
}

/** `around`: where the words that must be near are looked for, if not in the text itself. */
export function isTold(tell: Tell, text: SearchedText, around: SearchedText = text): boolean {
  if (typeof tell === 'string') return holds(text, tell, false)
  const near = tell.near.filter((word) => around.lower.includes(word))
  // Beside a mere code the text must be all that was said: `Invalid or expired authorization code` is somebody else's sentence.
  const alone = near.every((word) => word.includes('_'))
  return near.length > 0 && (alone ? standsAlone(text.exact, tell.text) : holds(text, tell.text, true))
}

function standsAlone(text: string, words: string): boolean {
  return positions(text, words).some(
    (at) => /(?:^|[^\w\s,;])\s*$/.test(text.slice(0, at)) && /^\s*(?:$|[^\w\s]|at\b)/.test(text.slice(at + words.length)),
  )
}

/**
 * Sentences: in any case unless `exactCase`, and with spaces for underscores, as text recognition reads them. Codes in capitals: in capitals only,
 * with spaces too if they have three words or more. Codes in small letters: where an error is reported, not in the middle of prose.
 */
function holds(text: SearchedText, words: string, exactCase: boolean): boolean {
  if (words.includes(' ')) {
    const wanted = words.replaceAll('_', ' ')
    return exactCase ? hasWord(text.exactSpaced, wanted) : hasWord(text.lowerSpaced, wanted.toLowerCase())
  }
  if (/[A-Z]/.test(words))
    return hasWord(text.exact, words) || (words.split('_').length > 3 && hasWord(text.exactSpaced, words.replaceAll('_', ' ')))
  return hasReportedCode(text.exact, words)
}

function hasWord(text: string, wanted: string): boolean {
  return positions(text, wanted).length > 0
}

function positions(text: string, wanted: string): number[] {
  const found: number[] = []
  for (let at = text.indexOf(wanted), tries = 0; at >= 0 && tries < 100; at = text.indexOf(wanted, at + 1), tries++) {
    if (!/\w/.test(text.charAt(at - 1)) && !/\w/.test(text.charAt(at + wanted.length))) found.push(at)
  }
  return found
}

const CUE =
  /(?:^|\b(?:get|gets|getting|got|says?|said|shows?|showed|sees?|seeing|errors?|fails?|failed|failing|returns?|returned|answers?|answered|receives?|received|gives?|gave|reads?|code|message)(?: with| me| us| the| an?| error| code| message| that| is| was)*|(?:^|[\s"'(])(?:error|code)=?)[\s:=]*["'`([<]?$/i

function hasReportedCode(text: string, code: string): boolean {
  return positions(text.toLowerCase(), code).some((at) => {
    const before = text.slice(Math.max(0, at - 60), at)
    const after = text.slice(at + code.length, at + code.length + 3)
    return CUE.test(before) || /[:=]\s*["'`([]?$/.test(before) || /^["'`)]?\s?[:&]/.test(after)
  })
}
