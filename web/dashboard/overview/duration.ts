const number = new Intl.NumberFormat()

/** Milliseconds as people say them. */
export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${number.format(Math.round(ms / 100) / 10)} s`
}
