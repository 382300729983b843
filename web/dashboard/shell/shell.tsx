/** What surrounds every page of somebody who is signed in: navigation, environment, theme, account. */
import { useQuery } from '@tanstack/react-query'
import { Navigate, Outlet, useLocation } from '@tanstack/react-router'
import { Suspense } from 'react'
import { ApiError } from '../api/api-error.ts'
import { meQuery } from './me.ts'
import { PageError } from './page-error.tsx'
import { Sidebar } from './sidebar.tsx'

export function Shell() {
  const me = useQuery(meQuery)
  const { pathname } = useLocation()
  if (me.error instanceof ApiError && me.error.status === 401) return <Navigate to="/sign-in" search={{ next: pathname }} replace />
  if (me.error) return <PageError error={me.error} reset={() => void me.refetch()} />
  if (!me.data) return <p className="p-8 text-soft">Loading…</p>
  return (
    <div className="min-h-dvh bg-paper text-ink md:grid md:grid-cols-[14rem_minmax(0,1fr)]">
      <a href="#content" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-card focus:p-3">
        Skip to the page
      </a>
      <Sidebar />
      <main id="content" tabIndex={-1} className="min-w-0 px-4 py-6 outline-none sm:px-8">
        <Suspense fallback={<p className="text-soft">Loading…</p>}>
          <Outlet />
        </Suspense>
      </main>
    </div>
  )
}
