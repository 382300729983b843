import type { ReactNode } from 'react'
import { Skeleton } from '../../ui/skeleton.tsx'

const ROWS = 3

/** The frame around rows of keys; skeletons of their size while they load. */
export function KeyList({ label, isPending, children }: { label: string; isPending: boolean; children: ReactNode }) {
  return (
    <ul aria-label={label} aria-busy={isPending} className="divide-y divide-line rounded-xl border border-line bg-card">
      {isPending
        ? Array.from({ length: ROWS }, (_, at) => (
            <li key={at} className="px-5 py-4">
              <Skeleton className="h-6 w-48" />
              <Skeleton className="mt-2 h-5 w-80 max-w-full" />
            </li>
          ))
        : children}
    </ul>
  )
}
