import { useEffect, type ReactNode } from 'react'

/** The head of a page: its name, what it is about, and what can be done here. */
export function Title({ name, about, actions }: { name: string; about?: ReactNode; actions?: ReactNode }) {
  useEffect(() => {
    document.title = `${name} · Hawser`
  }, [name])
  return (
    <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3 pb-5">
      <div className="min-w-0">
        <h1 tabIndex={-1} className="text-2xl font-semibold tracking-tight wrap-anywhere outline-none">
          {name}
        </h1>
        {about && <p className="mt-1 max-w-prose text-soft">{about}</p>}
      </div>
      {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </header>
  )
}
