/** The forms in which one text may have to be read: chats, mails, logs and other sites encode, quote and wrap what is copied through them. */

export const LONGEST_TEXT = 16 * 1024

export type Spellings = {
  /** For reading addresses, JSON and log lines: as it is, unescaped, decoded, with wrapped lines joined. */
  readings: string[]
  /** What a person sees: without markup, decoded; lines are kept. */
  visible: string
}

export function spellingsOf(text: string): Spellings {
  const tidy = unescapeEntities(plainSigns(text.slice(0, LONGEST_TEXT)))
  const once = percentDecoded(tidy)
  const readings = new Set([tidy, once, percentDecoded(once)])
  if (tidy.includes('\\"')) readings.add(tidy.replaceAll('\\"', '"').replaceAll('\\/', '/').replaceAll('\\u0027', "'"))
  // A line break inside an address: the parts belong together. `=` at the end of a line is a soft break of mail (RFC 2045 §6.7).
  if (/\n/.test(tidy) && /https?:\/\/|error=/i.test(tidy)) {
    const joined = tidy.replace(/=?\n[\s>|]*/g, '')
    for (const form of [joined, percentDecoded(joined)]) readings.add(form)
  }
  return { readings: [...readings], visible: spaced(percentDecoded(percentDecoded(withoutMarkup(tidy)))) }
}

/** Signs that programs for writing put in place of the plain ones, and those that nobody sees. */
function plainSigns(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[\u200b-\u200d\u2060\ufeff\u00ad]/g, '')
    .replace(/[\u00a0\u2007\u202f]/g, ' ')
    .replace(/[\u2018\u2019\u02bc]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', quot: '"', apos: "'", lt: '<', gt: '>', nbsp: ' ' }

// Twice, since `&amp;amp;` is common where HTML was pasted into HTML.
function unescapeEntities(text: string): string {
  const once = (form: string) =>
    form.replace(/&(?:(amp|quot|apos|lt|gt|nbsp)|#(x[0-9a-f]{1,4}|\d{1,5}));/gi, (whole, name?: string, code?: string) => {
      if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole
      const point = code?.startsWith('x') || code?.startsWith('X') ? parseInt(code.slice(1), 16) : Number(code)
      return point >= 32 ? String.fromCharCode(point) : ' '
    })
  return once(once(text))
}

export function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run)
    } catch {
      return run
    }
  })
}

/** The value of a form field or URL parameter; twice, because addresses are often encoded once more on their way. */
export function formDecoded(value: string): string {
  const once = (form: string) => percentDecoded(form.replaceAll('+', ' '))
  return once(once(value))
}

function withoutMarkup(text: string): string {
  if (!/<(?:!doctype|html|head|body|div|p|span|table|h1|title|td|br)\b/i.test(text)) return text
  return text
    .replace(/<(script|style)\b[^>]{0,500}>[^]{0,8000}?<\/\1>/gi, ' ')
    .replace(/<!--[^]{0,4000}?-->/g, ' ')
    .replace(/<\/(?:p|div|h\d|tr|li|title)>|<br[^>]{0,50}>/gi, '\n')
    .replace(/<[^<>]{0,2000}>/g, ' ')
}

// `+` between words comes from addresses; in `C++` and sums it has no letter on both sides.
function spaced(text: string): string {
  return text.replace(/(?<=\w)\+(?=\w)/g, ' ')
}
