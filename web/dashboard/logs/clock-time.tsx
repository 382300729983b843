import { timeAgo } from '../../ui/time-ago.ts'

const clock = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })

/** To the second, in columns; how long ago as a tooltip. */
export function ClockTime({ at, className = '' }: { at: string; className?: string }) {
  const date = new Date(at)
  return (
    <time
      dateTime={at}
      title={`${exact.format(date)}, ${timeAgo(date.getTime(), Date.now())}`}
      className={`whitespace-nowrap tabular-nums ${className}`}
    >
      {clock.format(date)}
    </time>
  )
}
