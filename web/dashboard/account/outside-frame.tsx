import { useEffect, type ReactNode } from 'react'

/** Around pages for people who are not signed in: one card in the middle. */
export function OutsideFrame({ title, about, children }: { title: string; about?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Hawser`
  }, [title])
  return (
    <main className="flex min-h-dvh flex-col items-center bg-paper px-4 py-[max(2rem,12dvh)] text-ink">
      <p className="mb-6 text-lg font-semibold tracking-tight">Hawser</p>
      <div className="w-full max-w-md rounded-xl border border-line bg-card p-6">
        <h1 className="text-xl font-semibold">{title}</h1>
        {about && <div className="mt-1 text-soft">{about}</div>}
        <div className="mt-5">{children}</div>
      </div>
    </main>
  )
}
