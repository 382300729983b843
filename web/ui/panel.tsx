import { useId, type ReactNode } from 'react'

interface PanelProps {
  title: ReactNode
  about?: ReactNode
  actions?: ReactNode
  children: ReactNode
  className?: string
}

/** A part of a page with a heading of its own. */
export function Panel({ title, about, actions, children, className = '' }: PanelProps) {
  const heading = useId()
  return (
    <section aria-labelledby={heading} className={`min-w-0 rounded-xl border border-line bg-card ${className}`}>
      <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 px-5 pt-4">
        <div className="min-w-0">
          <h2 id={heading} className="font-semibold">
            {title}
          </h2>
          {about && <p className="mt-0.5 max-w-prose text-sm text-soft">{about}</p>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      <div className="px-5 pt-3 pb-5">{children}</div>
    </section>
  )
}
