import type { ReactNode } from 'react'

/** Names and values side by side; rows without a value say so. */
export function Facts({ rows }: { rows: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className="grid grid-cols-1 gap-x-6 gap-y-2 text-sm sm:grid-cols-[10rem_minmax(0,1fr)]">
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-soft max-sm:mt-1.5">{name}</dt>
          <dd className="min-w-0 wrap-anywhere max-sm:-mt-1.5">{value ?? <span className="text-soft">not known</span>}</dd>
        </div>
      ))}
    </dl>
  )
}
