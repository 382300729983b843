import { createHash, randomBytes } from 'node:crypto'

export type Random = (bytes: number) => Buffer

const WORD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._'

/** Random bytes; with a seed the same bytes in each run, which suits snapshots of a test. */
export function createRandom(seed?: string): Random {
  if (seed === undefined) return randomBytes
  let block = 0
  let pool = Buffer.alloc(0)
  return (bytes) => {
    while (pool.length < bytes) {
      pool = Buffer.concat([pool, createHash('sha256').update(`${seed}:${block++}`).digest()])
    }
    const taken = pool.subarray(0, bytes)
    pool = pool.subarray(bytes)
    return Buffer.from(taken)
  }
}

/** Characters of `[.\w]`, the only ones that @salesforce/core accepts in a token. */
export function randomWord(random: Random, length: number): string {
  let word = ''
  for (const byte of random(length)) word += WORD.charAt(byte & 63)
  return word
}
