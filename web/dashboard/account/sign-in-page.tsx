import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { ButtonLink } from '../../ui/button-link.tsx'
import { CopyLine } from '../../ui/copy-line.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { forgetEverybody, nextPath } from './next-page.ts'
import { OutsideFrame } from './outside-frame.tsx'
import { SecondFactorForm } from './second-factor-form.tsx'
import { SignInForm } from './sign-in-form.tsx'
import { waysQuery } from './ways-query.ts'

/** Why the identity provider's sign-in ended here (`server/people/sso.ts`). */
const SSO_REFUSALS: Record<string, string> = {
  expired: 'The sign-in took too long, or began in another browser. Try again.',
  unavailable: 'Your identity provider could not be reached, or answered in a way that was not understood. Try again in a minute.',
  refused: 'Your identity provider did not let you in.',
  not_invited: 'Nobody has invited that address. Ask an owner for an invitation.',
  unverified_email: 'Your identity provider has not verified your email address, so it cannot say who you are here.',
  other_account: 'That address belongs to another account of your identity provider.',
}

export function SignInPage() {
  const search: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const ways = useQuery(waysQuery)
  const [step, setStep] = useState<'password' | 'code'>('password')
  const onSignedIn = () => {
    forgetEverybody()
    void navigate({ href: nextPath(search['next']), replace: true })
  }
  const refusal = typeof search['sso'] === 'string' ? (SSO_REFUSALS[search['sso']] ?? SSO_REFUSALS['refused']) : undefined
  if (ways.data?.has_owner === false) return <NobodyYet />
  if (step === 'code')
    return (
      <OutsideFrame title="Second step" about="Your password was right. One more proof that it is you.">
        <SecondFactorForm onSignedIn={onSignedIn} onStartOver={() => setStep('password')} />
      </OutsideFrame>
    )
  return (
    <OutsideFrame title="Sign in">
      <div role="alert" className="mb-4 empty:mb-0">
        {refusal && <Notice tone="bad">{refusal}</Notice>}
      </div>
      {ways.isPending ? (
        <Skeleton className="h-64 w-full" />
      ) : (
        <div className="flex flex-col gap-5">
          <ErrorNotice error={ways.error} />
          {ways.data?.sso && (
            <>
              <ButtonLink look="primary" size="large" href={ways.data.sso.url}>
                Continue with {ways.data.sso.name}
              </ButtonLink>
              {ways.data.password && <p className="text-center text-sm text-soft">or with your password</p>}
            </>
          )}
          {ways.data?.password !== false && <SignInForm onSignedIn={onSignedIn} onSecondFactor={() => setStep('code')} />}
        </div>
      )}
    </OutsideFrame>
  )
}

function NobodyYet() {
  return (
    <OutsideFrame title="Nobody can sign in yet" about="This server has no owner. The link for the first one was printed when it started.">
      <div className="flex flex-col gap-3">
        <p>Open that link, or make a new one on the machine where the server runs:</p>
        <CopyLine value="npm run hawser -- owner-link" />
        <p className="text-sm text-soft">It works once, within a day. Everybody else is invited by the owner.</p>
      </div>
    </OutsideFrame>
  )
}
