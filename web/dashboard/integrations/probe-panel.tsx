import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import CircleAlert from 'lucide-react/icons/circle-alert'
import CircleCheck from 'lucide-react/icons/circle-check'
import CircleHelp from 'lucide-react/icons/circle-question-mark'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { call, type Reply } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import type { Integration } from './integrations-query.ts'

type Check = Reply<'probeIntegration'>['data']['checks'][number]

const NAMES: Record<Check['name'], string> = { client_id: 'Client id', callback_url: 'Callback URL', scopes: 'Scopes', pkce: 'PKCE' }
const RESULTS = {
  ok: { Icon: CircleCheck, colour: 'text-good', words: 'taken' },
  failed: { Icon: CircleAlert, colour: 'text-bad', words: 'refused' },
  unknown: { Icon: CircleHelp, colour: 'text-soft', words: 'cannot be seen from outside' },
} as const

export function ProbePanel({ integration }: { integration: Integration }) {
  const [host, setHost] = useState('')
  const probed = useMutation({
    mutationFn: () =>
      call('probeIntegration', {
        params: { uniqueKey: integration.unique_key },
        body: host.trim() === '' ? {} : { hostname: host.trim() },
      }),
  })
  const found = probed.data?.data
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        probed.mutate()
      }}
    >
      <TextField
        id="probe-host"
        label="My Domain of the org"
        note="optional"
        hint="An app that is local to one org is known only there: acme--uat.sandbox.my.salesforce.com, for example."
        value={host}
        onChange={setHost}
      />
      <div>
        <Button type="submit" busy={probed.isPending}>
          Test this app
        </Button>
      </div>
      <ErrorNotice error={probed.error} />
      <div role="status" className="flex flex-col gap-3">
        {found && (
          <>
            <Notice tone={found.ok ? 'good' : found.checks.some(({ result }) => result === 'failed') ? 'bad' : 'warn'}>
              {found.ok
                ? `${found.host} takes this app.`
                : found.checks.some(({ result }) => result === 'failed')
                  ? `${found.host} refuses this app.`
                  : `${found.host} did not show whether it takes this app.`}
            </Notice>
            <ul className="flex flex-col gap-2">
              {found.checks.map((check) => (
                <Finding key={check.name} check={check} />
              ))}
            </ul>
            {found.pkce_required !== null && (
              <p className="text-sm text-soft">
                {found.pkce_required ? 'The app insists on PKCE, as it should.' : 'The app does not insist on PKCE. Hawser uses it anyway.'}
              </p>
            )}
          </>
        )}
      </div>
    </form>
  )
}

function Finding({ check: { name, result, diagnosis } }: { check: Check }) {
  const { Icon, colour, words } = RESULTS[result]
  return (
    <li className="flex gap-2 text-sm">
      <Icon aria-hidden="true" className={`mt-0.5 size-4 shrink-0 ${colour}`} />
      <div>
        <p>
          <span className="font-medium">{NAMES[name]}</span>: {words}
        </p>
        {diagnosis && (
          <>
            <p className="max-w-prose text-soft">{diagnosis.cause}</p>
            <ol className="mt-1 list-decimal pl-5">
              {diagnosis.fix.map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ol>
          </>
        )}
      </div>
    </li>
  )
}
