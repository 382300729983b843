/** What the pages behind one-time links have in common: the link is read first, and says whether it still works. */
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { ButtonLink } from '../../ui/button-link.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { forgetEverybody } from './next-page.ts'
import { useOneTimeLink, type OneTimeLink } from './one-time-link.ts'
import { OutsideFrame } from './outside-frame.tsx'

interface LinkPageProps {
  kind: OneTimeLink['kind']
  title: string
  about: (link: OneTimeLink) => ReactNode
  /** Shown first after the sign-in. */
  leadsTo: '/start' | '/overview'
  form: (given: { token: string; link: OneTimeLink; onSignedIn: () => void }) => ReactNode
}

export function LinkPage({ kind, title, about, leadsTo, form }: LinkPageProps) {
  const { token, link } = useOneTimeLink()
  const navigate = useNavigate()
  const onSignedIn = () => {
    forgetEverybody()
    void navigate({ to: leadsTo, replace: true })
  }
  if (token === '') return <UselessLink>The address holds no link. Open the link itself once more, as it was given to you.</UselessLink>
  if (link.error)
    return (
      <UselessLink>
        <ErrorNotice error={link.error} />
      </UselessLink>
    )
  if (!link.data)
    return (
      <OutsideFrame title={title}>
        <Skeleton className="h-72 w-full" />
      </OutsideFrame>
    )
  if (link.data.kind !== kind) return <UselessLink>This link is for something else. Open it as it was given to you.</UselessLink>
  return (
    <OutsideFrame title={title} about={about(link.data)}>
      {form({ token, link: link.data, onSignedIn })}
    </OutsideFrame>
  )
}

function UselessLink({ children }: { children: ReactNode }) {
  return (
    <OutsideFrame title="This link does not work">
      <div className="flex flex-col gap-4">
        {typeof children === 'string' ? <Notice tone="warn">{children}</Notice> : children}
        <ButtonLink href="sign-in">Go to the sign-in</ButtonLink>
      </div>
    </OutsideFrame>
  )
}
