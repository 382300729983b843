import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { CopyLine } from '../../ui/copy-line.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { CredentialsForm } from './credentials-form.tsx'
import { environmentQuery, isSalesforce, type Integration, type Provider } from './integrations-query.ts'
import { ProbePanel } from './probe-panel.tsx'
import { SalesforceApp } from './salesforce-app.tsx'

/** From nothing to the first connection, in the order in which it is done. */
export function SetUp({ integration, provider }: { integration: Integration; provider: Provider | undefined }) {
  const { data: environment, error } = useQuery(environmentQuery)
  const salesforce = isSalesforce(provider)
  if (provider && provider.auth_mode !== 'OAUTH2')
    return <p className="text-soft">This provider needs no app of yours: each connection brings what it needs. Make the first one.</p>
  return (
    <ol className="flex max-w-4xl flex-col gap-5">
      <Step
        number={1}
        title="Your callback URL"
        about="Where the provider sends people back after the sign-in. It has to be in your app there, letter by letter."
      >
        <ErrorNotice error={error} />
        {environment ? <CopyLine value={environment.callback_url} /> : <Skeleton className="h-11" />}
      </Step>
      <Step
        number={2}
        title={salesforce ? 'The External Client App' : `Your app at ${provider?.display_name ?? integration.provider}`}
        about={
          salesforce
            ? 'What Salesforce calls a program that may ask its users for access. Make it by one command, or by hand.'
            : 'Register an OAuth app there, enter the callback URL, and bring its client id and secret.'
        }
      >
        {salesforce ? (
          <SalesforceApp integration={integration} callbackUrl={environment?.callback_url} />
        ) : (
          provider && (
            <a href={provider.docs} target="_blank" rel="noopener noreferrer" className="text-link underline">
              {provider.display_name}’s documentation
            </a>
          )
        )}
      </Step>
      <Step
        number={3}
        title={salesforce ? 'Consumer key and secret' : 'Client id and secret'}
        about="Not needed if the command above has brought them. The secret is kept encrypted and never shown again."
      >
        <CredentialsForm integration={integration} provider={provider} />
      </Step>
      {salesforce && (
        <Step
          number={4}
          title="Test this app"
          about="Asks Salesforce’s sign-in page, without a user, whether it takes the client id, callback URL and scopes."
        >
          <ProbePanel integration={integration} />
        </Step>
      )}
    </ol>
  )
}

function Step({ number, title, about, children }: { number: number; title: string; about: string; children: ReactNode }) {
  return (
    <li className="rounded-xl border border-line bg-card p-5">
      <div className="flex gap-3">
        <span aria-hidden="true" className="flex size-7 shrink-0 items-center justify-center rounded-full bg-sunk text-sm font-semibold">
          {number}
        </span>
        <div className="min-w-0 flex-1">
          <h2 className="font-semibold">{title}</h2>
          <p className="mt-0.5 max-w-prose text-sm text-soft">{about}</p>
        </div>
      </div>
      <div className="pt-4 sm:pl-10">{children}</div>
    </li>
  )
}
