import { Skeleton } from '../../ui/skeleton.tsx'

const ROWS = Array.from({ length: 12 }, (_, index) => index)

export function LogsSkeleton() {
  return (
    <div aria-hidden="true" className="overflow-hidden rounded-xl border border-line bg-card">
      <div className="h-10 border-b border-line max-md:hidden" />
      <div className="h-[max(20rem,calc(100dvh-20rem))] overflow-hidden">
        {ROWS.map((row) => (
          <div key={row} className="flex h-[88px] items-center gap-4 border-b border-line px-4 md:h-10">
            <Skeleton className="h-4 w-28" />
            <Skeleton className="h-5 w-12" />
            <Skeleton className="h-4 flex-1" />
          </div>
        ))}
      </div>
      <div className="min-h-11 border-t border-line" />
    </div>
  )
}
