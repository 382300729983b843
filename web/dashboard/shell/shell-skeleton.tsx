import { Skeleton } from '../../ui/skeleton.tsx'

/** The frame while the server says who is signed in. */
export function ShellSkeleton() {
  return (
    <div className="min-h-dvh bg-paper md:grid md:grid-cols-[14rem_minmax(0,1fr)]">
      <div className="flex flex-col gap-4 border-b border-line bg-card p-3 md:h-dvh md:border-r md:border-b-0">
        <Skeleton className="mx-2 mt-1 h-7 w-24" />
        <Skeleton className="mx-2 h-9" />
        <div className="flex gap-2 overflow-hidden md:flex-col">
          {Array.from({ length: 8 }, (_, at) => (
            <Skeleton key={at} className="mx-2 h-6 w-28 shrink-0" />
          ))}
        </div>
      </div>
      <main className="px-4 py-6 sm:px-8">
        <p className="sr-only">Loading…</p>
        <Skeleton className="h-8 w-48" />
        <Skeleton className="mt-6 h-40 w-full" />
      </main>
    </div>
  )
}
