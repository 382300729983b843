/** Times of made-up answers, relative to the start of the test. */
const MINUTE_MS = 60_000
export const ago = (minutes: number): string => new Date(Math.floor(Date.now() / MINUTE_MS - minutes) * MINUTE_MS).toISOString()
