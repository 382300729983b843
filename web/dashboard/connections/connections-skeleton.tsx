import { Skeleton } from '../../ui/skeleton.tsx'

const ROWS = Array.from({ length: 8 }, (_, index) => index)

export function ConnectionsSkeleton() {
  return (
    <div aria-hidden="true" className="overflow-hidden rounded-xl border border-line bg-card">
      <div className="h-10 border-b border-line max-md:hidden" />
      {ROWS.map((row) => (
        <div key={row} className="flex h-[6.5rem] items-center gap-4 border-b border-line px-4 last:border-b-0 md:h-14">
          <Skeleton className="h-9 w-1/3" />
          <Skeleton className="h-5 w-1/5" />
          <Skeleton className="h-5 w-20" />
        </div>
      ))}
    </div>
  )
}
