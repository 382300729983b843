import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Panel } from '../../ui/panel.tsx'
import { SelectField } from '../../ui/select-field.tsx'
import { TextAreaField } from '../../ui/text-area-field.tsx'
import { TypedNameDialog } from '../../ui/typed-name-dialog.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { integrationsQuery } from '../integrations/integrations-query.ts'
import { useWorkplace } from '../shell/me.ts'
import { wholeLinesOf } from './lines-of.ts'

const numbers = new Intl.NumberFormat('en')
const counted = (count: number, one: string) => `${numbers.format(count)} ${one}${count === 1 ? '' : 's'}`

/** First counts, then ends. */
export function RevokePanel() {
  const { environment, may } = useWorkplace()
  const queries = useQueryClient()
  const integrations = useQuery({ ...integrationsQuery, enabled: may('environment:integrations:list') })
  const [integration, setIntegration] = useState('')
  const [connections, setConnections] = useState('')
  const [isOpen, setOpen] = useState(false)
  const ids = wholeLinesOf(connections)
  const send = (dry_run: boolean) =>
    call('revokeGrants', { body: { dry_run, ...(integration ? { integration } : {}), ...(ids.length > 0 ? { connections: ids } : {}) } })
  const count = useMutation({ mutationFn: () => send(true), onSuccess: () => revoke.reset() })
  const revoke = useMutation({
    mutationFn: () => send(false),
    onSuccess: async () => {
      setOpen(false)
      count.reset()
      await queries.invalidateQueries()
    },
  })
  const changed = () => {
    count.reset()
    revoke.reset()
  }
  const refusal = may('environment:connections:delete') ? undefined : 'Your role may not end what customers granted.'
  const found = count.data?.data
  const done = revoke.data?.data
  const whole = integration === '' && ids.length === 0
  return (
    <Panel
      title="Revoke grants"
      about="For when tokens may have leaked: ends them here at once and at the provider by jobs. The connections stay, and have to be connected again by your customers. It cannot be undone."
    >
      <div className="flex flex-col gap-4">
        <SelectField
          id="revoke-integration"
          label="Of which integration"
          value={integration}
          onChange={(value) => {
            setIntegration(value)
            changed()
          }}
          options={[
            { value: '', label: 'All of them' },
            ...(integrations.data ?? []).map(({ unique_key: key, display_name: name }) => ({ value: key, label: `${name} (${key})` })),
          ]}
        />
        <TextAreaField
          id="revoke-connections"
          label="Only these connection ids"
          note="optional"
          hint="One a line. Empty: all of them."
          value={connections}
          onChange={(value) => {
            setConnections(value)
            changed()
          }}
        />
        <ErrorNotice error={count.error ?? undefined} />
        <div role="status">
          {found && (
            <Notice tone={found.grants === 0 ? 'info' : 'warn'}>
              {found.grants === 0
                ? 'Nothing would be revoked: no connection that you named lives on a grant that still works.'
                : `${counted(found.grants, 'grant')} would end, and ${counted(found.connections, 'connection')} with them would have to be connected again.`}
            </Notice>
          )}
          {done && (
            <Notice tone={done.remaining > 0 ? 'warn' : 'good'}>
              {counted(done.grants, 'grant')} ended.
              {done.remaining > 0 && ` ${counted(done.remaining, 'grant')} were not reached in time: do it again.`}
            </Notice>
          )}
        </div>
        <div className="flex flex-wrap gap-2">
          <Button busy={count.isPending} unavailable={refusal} onClick={() => count.mutate()}>
            Count what would end
          </Button>
          <Button
            look="danger"
            unavailable={refusal ?? (found && found.grants > 0 ? undefined : 'Count first, to see what would end.')}
            onClick={() => setOpen(true)}
          >
            Revoke
          </Button>
        </div>
      </div>
      <TypedNameDialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title={`Revoke ${counted(found?.grants ?? 0, 'grant')}?`}
        name={integration || (environment?.name ?? '')}
        action="Revoke for good"
        isBusy={revoke.isPending}
        onConfirm={() => revoke.mutate()}
      >
        <p>
          {whole
            ? `Every customer of ${environment?.name ?? 'this environment'} has to connect again`
            : `The customers behind ${counted(found?.connections ?? 0, 'connection')} have to connect again`}
          . To stop all use for a while instead, freeze.
        </p>
        <ErrorNotice error={revoke.error} />
      </TypedNameDialog>
    </Panel>
  )
}
