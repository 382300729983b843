import { timeAgo } from './time-ago.ts'

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })

/** How long ago, or how soon; the exact time as a tooltip. */
export function TimeAgo({ at }: { at: string }) {
  const date = new Date(at)
  return (
    <time dateTime={at} title={exact.format(date)} className="whitespace-nowrap">
      {timeAgo(date.getTime(), Date.now())}
    </time>
  )
}
