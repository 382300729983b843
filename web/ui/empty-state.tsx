import type { ReactNode } from 'react'

/** In place of a list without rows: what would stand here, and the next step. */
export function EmptyState({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className="rounded-xl border border-dashed border-line bg-card px-6 py-10">
      <div className="mx-auto flex max-w-xl flex-col gap-3">
        <h2 className="text-lg font-semibold">{title}</h2>
        <div className="flex flex-col gap-3 text-soft">{children}</div>
        {actions && <div className="flex flex-wrap gap-2 pt-1">{actions}</div>}
      </div>
    </section>
  )
}
