const number = new Intl.NumberFormat()
const HIGH = 0.75
const FULL = 0.9

/** API calls used of those allowed, as a bar and in words. */
export function UsageGauge({ used, max, name }: { used: number; max: number; name: string }) {
  const part = max > 0 ? used / max : 0
  const colour = part >= FULL ? 'bg-bad' : part >= HIGH ? 'bg-warn' : 'bg-good'
  return (
    <div className="mt-1 flex items-center gap-3">
      <div
        role="meter"
        aria-label={`API calls used in ${name}`}
        aria-valuemin={0}
        aria-valuemax={max}
        aria-valuenow={Math.min(used, max)}
        aria-valuetext={`${number.format(used)} of ${number.format(max)}`}
        className="h-2 min-w-0 flex-1 overflow-hidden rounded-full bg-sunk"
      >
        <div className={`h-full rounded-full ${colour}`} style={{ width: `${Math.min(part, 1) * 100}%` }} />
      </div>
      <span className="text-sm whitespace-nowrap tabular-nums">
        {number.format(used)} of {number.format(max)}
      </span>
    </div>
  )
}
