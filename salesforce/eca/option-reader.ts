import type { OptionFinding } from './app-options.ts'
import type { IpRange } from './ip-ranges.ts'

/** Our own bound, far beyond every field in Setup. */
const LONGEST_TEXT = 4000
const LONGEST_LIST = 500

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** XML 1.0 cannot carry these, not even escaped (production [2] Char). */
const NOT_IN_XML = /[^\t\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u

/**
 * Reads members of an untyped object and collects what is wrong with them. Reasons never repeat a value: it could be a secret that was put into
 * the wrong field. A member that is `undefined`, `null`, an empty text or an empty list counts as absent.
 */
export class OptionReader {
  readonly problems: OptionFinding[]
  readonly warnings: OptionFinding[]
  readonly #input: Record<string, unknown>
  readonly #path: string

  constructor(input: Record<string, unknown>, known: readonly string[] | undefined, path = '', parent?: OptionReader) {
    this.problems = parent?.problems ?? []
    this.warnings = parent?.warnings ?? []
    this.#input = input
    this.#path = path
    if (known) this.refuseOthersThan(known)
  }

  refuseOthersThan(known: readonly string[]): void {
    const unknown = Object.keys(this.#input).filter((key) => !known.includes(key))
    if (unknown.length > 0) this.refuse('', `There are ${unknown.length} options that do not exist here.`, `Known are ${known.join(', ')}.`)
  }

  has(field: string): boolean {
    return this.#value(field) !== undefined
  }

  refuse(field: string, reason: string, fix: string): void {
    this.problems.push({ field: this.#fullName(field), reason, fix, confidence: 'V' })
  }

  add(finding: OptionFinding): void {
    const refuses = finding.confidence === 'V'
    ;(refuses ? this.problems : this.warnings).push(finding)
  }

  /** The object in a member; `undefined` when there is none. */
  within(field: string, known?: readonly string[]): OptionReader | undefined {
    const value = this.#value(field)
    if (value === undefined) return undefined
    if (!isRecord(value)) return this.#refused(field, 'This is not an object.', 'Give an object.')
    return new OptionReader(value, known, this.#fullName(field), this)
  }

  neededText(field: string, fix: string): string {
    const before = this.problems.length
    const text = this.text(field)
    if (text === undefined && this.problems.length === before) this.refuse(field, 'This is needed.', fix)
    return text ?? ''
  }

  text(field: string, shape: 'one line' | 'lines' = 'one line'): string | undefined {
    const value = this.#value(field)
    return value === undefined ? undefined : this.#cleanText(field, value, shape)
  }

  texts(field: string): string[] | undefined {
    const values = this.#list(field)?.flatMap((value) => this.#cleanText(field, value, 'one line') ?? [])
    return values && [...new Set(values)]
  }

  /** Texts that the file keeps in one element, with commas between. */
  names(field: string): string[] | undefined {
    const names = this.texts(field)
    if (names?.some((name) => name.includes(','))) this.refuse(field, 'A name has a comma in it.', 'Give each name as an entry of its own.')
    return names && names.length > 0 ? names : undefined
  }

  oneOf<const T extends string>(field: string, allowed: readonly T[]): T | undefined {
    const value = this.#value(field)
    if (value === undefined) return undefined
    return (
      allowed.find((one) => one === value) ??
      this.#refused(field, 'This is not one of the values that exist.', `Take one of ${allowed.join(', ')}.`)
    )
  }

  flag(field: string): boolean | undefined {
    const value = this.#value(field)
    if (value === undefined || typeof value === 'boolean') return value
    return this.#refused(field, 'This is neither true nor false.', 'Give true or false.')
  }

  integer(field: string, least: number, most: number): number | undefined {
    const value = this.#value(field)
    if (value === undefined) return undefined
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return value
    return this.#refused(field, 'This is not a whole number in the range.', `Give a number from ${least} to ${most}.`)
  }

  /** Named switches, as an object of booleans or as the list of those that are on (the others are then off). */
  flags<T extends string>(field: string, names: readonly T[]): Partial<Record<T, boolean>> {
    const value = this.#input[field]
    if (Array.isArray(value)) {
      const on = value as unknown[]
      if (on.some((one) => !names.includes(one as T))) this.refuse(field, 'One of these does not exist.', `Known are ${names.join(', ')}.`)
      return Object.fromEntries(names.map((name) => [name, on.includes(name)])) as Partial<Record<T, boolean>>
    }
    const nested = this.within(field, names)
    const flags = names.flatMap((name) => {
      const flag = nested?.flag(name)
      return flag === undefined ? [] : [[name, flag] as const]
    })
    return Object.fromEntries(flags) as Partial<Record<T, boolean>>
  }

  ipRanges(field: string): IpRange[] | undefined {
    return this.#records(field, ['start', 'end', 'description'], (reader) => {
      const [start, end, description] = [
        reader.neededText('start', NEEDED_ADDRESS),
        reader.neededText('end', NEEDED_ADDRESS),
        reader.text('description'),
      ]
      return description === undefined ? { start, end } : { start, end, description }
    })
  }

  attributes(field: string): { key: string; formula: string }[] | undefined {
    const fix = 'A custom attribute needs a key and a formula.'
    return this.#records(field, ['key', 'formula'], (reader) => ({
      key: reader.neededText('key', fix),
      formula: reader.neededText('formula', fix),
    }))
  }

  #records<T>(field: string, known: readonly string[], read: (reader: OptionReader) => T): T[] | undefined {
    const entries = this.#list(field)?.map((value, index) => {
      if (!isRecord(value)) return this.#refused(`${field}[${index}]`, 'This is not an object.', `Give an object with ${known.join(', ')}.`)
      return read(new OptionReader(value, known, this.#fullName(`${field}[${index}]`), this))
    })
    const found = entries?.filter((entry) => entry !== undefined)
    return found && found.length > 0 ? found : undefined
  }

  #list(field: string): unknown[] | undefined {
    const value = this.#value(field)
    if (value === undefined) return undefined
    if (!Array.isArray(value)) return this.#refused(field, 'This is not a list.', 'Give a list, also for a single entry.')
    if (value.length > LONGEST_LIST) return this.#refused(field, 'The list is too long.', `Give at most ${LONGEST_LIST} entries.`)
    return value as unknown[]
  }

  #cleanText(field: string, value: unknown, shape: 'one line' | 'lines'): string | undefined {
    if (typeof value !== 'string') return this.#refused(field, 'This is not a text.', 'Give a text.')
    const text = value.replace(/\r\n?/g, '\n').trim()
    if (text.length > LONGEST_TEXT * (shape === 'lines' ? 4 : 1))
      return this.#refused(field, 'This is too long.', `Give at most ${LONGEST_TEXT} characters.`)
    if (NOT_IN_XML.test(text) || (shape === 'one line' && /[\t\n]/.test(text))) {
      return this.#refused(field, 'This has a control character or a line break in it.', 'Type it by hand, without line breaks.')
    }
    return text === '' ? undefined : text
  }

  #value(field: string): unknown {
    const value = Object.hasOwn(this.#input, field) ? this.#input[field] : undefined
    return value === null || value === '' ? undefined : value
  }

  #fullName(field: string): string {
    return [this.#path, field].filter((part) => part !== '').join('.')
  }

  #refused(field: string, reason: string, fix: string): undefined {
    this.refuse(field, reason, fix)
    return undefined
  }
}

const NEEDED_ADDRESS = 'A range needs a first and a last address; for one address give it twice.'
