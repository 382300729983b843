const STEPS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const
const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** `3 minutes ago`, `in 2 hours`, `just now`; both in ms since 1970. */
export function timeAgo(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000)
  const step = STEPS.find(([, length]) => Math.abs(seconds) >= length)
  return step ? words.format(Math.trunc(seconds / step[1]), step[0]) : seconds > 5 ? `in ${seconds} seconds` : 'just now'
}
