/** What surrounds every page of somebody who is signed in: navigation, environment, theme, account. */
import { useQuery } from '@tanstack/react-query'
import { Outlet, useLocation, useNavigate } from '@tanstack/react-router'
import { Suspense, useEffect, useRef } from 'react'
import { ConfirmIdentity } from '../account/confirm-identity.tsx'
import { ApiError } from '../api/api-error.ts'
import { meQuery } from './me.ts'
import { PageError } from './page-error.tsx'
import { ShellSkeleton } from './shell-skeleton.tsx'
import { Sidebar } from './sidebar.tsx'

export function Shell() {
  const me = useQuery(meQuery)
  const { pathname } = useLocation()
  useFocusOnNewPage(pathname)
  const isSignedOut = me.error instanceof ApiError && me.error.status === 401
  useSignInWhen(isSignedOut)
  if (isSignedOut) return <ShellSkeleton />
  if (me.error) return <PageError error={me.error} reset={() => void me.refetch()} />
  if (!me.data) return <ShellSkeleton />
  return (
    <div className="min-h-dvh bg-paper text-ink md:grid md:grid-cols-[14rem_minmax(0,1fr)]">
      <a href="#content" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-card focus:p-3" onClick={skipToPage}>
        Skip to the page
      </a>
      <Sidebar />
      <main id="content" tabIndex={-1} className="min-w-0 px-4 py-6 outline-none sm:px-8">
        {me.data.environments.length === 0 && pathname !== '/account' ? (
          <NoEnvironment />
        ) : (
          <Suspense fallback={<p className="text-soft">Loading…</p>}>
            <Outlet />
          </Suspense>
        )}
      </main>
      <ConfirmIdentity me={me.data} />
    </div>
  )
}

/** `<base href>` would make the fragment lead to another page. */
function skipToPage(event: { preventDefault(): void }): void {
  event.preventDefault()
  document.getElementById('content')?.focus()
}

/** Screen readers and keyboards begin at the new page, not at the link that led there. */
function useFocusOnNewPage(pathname: string): void {
  const before = useRef(pathname)
  useEffect(() => {
    if (before.current === pathname) return
    before.current = pathname
    document.getElementById('content')?.focus({ preventScroll: true })
  }, [pathname])
}

/** Once: while the sign-in's page is loaded, this one is drawn again, at the new address. */
function useSignInWhen(isSignedOut: boolean): void {
  const navigate = useNavigate()
  const { pathname, searchStr } = useLocation()
  const here = useRef('')
  here.current = pathname + searchStr
  useEffect(() => {
    if (isSignedOut) void navigate({ to: '/sign-in', search: { next: here.current }, replace: true })
  }, [isSignedOut, navigate])
}

function NoEnvironment() {
  return (
    <section className="max-w-xl rounded-xl border border-line bg-card p-6">
      <h1 className="text-xl font-semibold">You have no role in any environment</h1>
      <p className="mt-2 text-soft">You are signed in, but there is nothing that you may see yet. Ask an owner to give you a role.</p>
    </section>
  )
}
