const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const CHECKSUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'

/** The 18-character form of a 15-character id: three characters that tell which letters were capitals. */
export function to18(id15: string): string {
  if (!/^[0-9A-Za-z]{15}$/.test(id15)) throw new Error('a Salesforce id has 15 characters before its checksum')
  let suffix = ''
  for (let chunk = 0; chunk < 3; chunk++) {
    let bits = 0
    for (let i = 0; i < 5; i++) {
      const character = id15.charAt(chunk * 5 + i)
      if (character >= 'A' && character <= 'Z') bits |= 1 << i
    }
    suffix += CHECKSUM.charAt(bits)
  }
  return id15 + suffix
}

export function isId18(text: string): boolean {
  return /^[0-9A-Za-z]{18}$/.test(text) && to18(text.slice(0, 15)) === text
}

/** True when both name one record; either may be the 15-character form. */
export function sameId(one: string, other: string): boolean {
  return one.slice(0, 15) === other.slice(0, 15)
}

export interface IdSource {
  /** A new 18-character id that begins with the three characters of `prefix`. */
  next(prefix: string): string
  /** How many it has made. */
  made(): number
  /** Goes on after the first `made` ids, which an earlier run gave out. */
  skipTo(made: number): void
}

/** Ids from one counter, so that a run with the same calls has the same ids. */
export function createIdSource(): IdSource {
  let count = 0
  return {
    next(prefix) {
      if (!/^[0-9A-Za-z]{3}$/.test(prefix)) throw new Error('an id prefix has three characters')
      count += 1
      // Multiplied by a number prime to 62^6, so that neighbours differ in case as real ids do.
      let rest = (count * 1_000_003) % 62 ** 6
      let tail = ''
      for (let i = 0; i < 6; i++) {
        tail = BASE62.charAt(rest % 62) + tail
        rest = Math.floor(rest / 62)
      }
      return to18(`${prefix}Fk0000${tail}`)
    },
    made: () => count,
    skipTo(made) {
      count = made
    },
  }
}
