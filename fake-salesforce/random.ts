import { createHash, randomBytes } from 'node:crypto'

export interface Random {
  (bytes: number): Buffer
  /** How many bytes were taken; 0 without a seed, where nothing comes twice anyway. */
  drawn(): number
  /** Goes on after the first `drawn` bytes of the seed, which an earlier run took. */
  skipTo(drawn: number): void
}

const BLOCK_BYTES = 32

const WORD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._'

/** Random bytes; with a seed the same bytes in each run, which suits snapshots of a test. */
export function createRandom(seed?: string): Random {
  if (seed === undefined) return Object.assign((bytes: number) => randomBytes(bytes), { drawn: () => 0, skipTo: () => undefined })
  let block = 0
  let pool = Buffer.alloc(0)
  const draw = (bytes: number): Buffer => {
    while (pool.length < bytes) {
      pool = Buffer.concat([pool, createHash('sha256').update(`${seed}:${block++}`).digest()])
    }
    const taken = pool.subarray(0, bytes)
    pool = pool.subarray(bytes)
    return Buffer.from(taken)
  }
  return Object.assign(draw, {
    drawn: () => block * BLOCK_BYTES - pool.length,
    skipTo(drawn: number) {
      block = Math.floor(drawn / BLOCK_BYTES)
      pool = Buffer.alloc(0)
      draw(drawn % BLOCK_BYTES)
    },
  })
}

/** Characters of `[.\w]`, the only ones that @salesforce/core accepts in a token. */
export function randomWord(random: Random, length: number): string {
  let word = ''
  for (const byte of random(length)) word += WORD.charAt(byte & 63)
  return word
}
