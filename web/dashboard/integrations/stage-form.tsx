import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { SecretField } from '../../ui/secret-field.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import type { Client } from './clients-panel.tsx'

/** Stage, switch, or give up. Each of them may be sent again without harm. */
export function StageForm({ integrationKey, staged }: { integrationKey: string; staged: Client | undefined }) {
  const { may } = useWorkplace()
  const queries = useQueryClient()
  const [id, setId] = useState('')
  const [secret, setSecret] = useState('')
  const params = { uniqueKey: integrationKey }
  const done = async () => {
    setId('')
    setSecret('')
    await queries.invalidateQueries({ queryKey: ['clients', integrationKey] })
  }
  const stage = useMutation({
    mutationFn: () => call('stageIntegrationClient', { params, body: { client_id: id.trim(), client_secret: secret.trim() } }),
    onSuccess: done,
  })
  const promote = useMutation({ mutationFn: () => call('promoteIntegrationClient', { params }), onSuccess: done })
  const forget = useMutation({ mutationFn: () => call('deleteStagedIntegrationClient', { params }), onSuccess: done })
  const refusal = may('environment:integrations:update') ? undefined : 'Your role may not change integrations.'
  const isEmpty = id.trim() === '' || secret.trim() === ''
  // A person who may not list them, or did not yet, still sees what she staged herself.
  const next = staged?.client_id ?? (forget.isSuccess || promote.isSuccess ? undefined : stage.data?.data.client_id)
  return (
    <div className="flex flex-col gap-4">
      {next !== undefined && (
        <Notice tone="warn">
          <p className="font-medium">
            <code className="font-mono break-all">{next}</code> is waiting.
          </p>
          <p className="text-sm">
            Make it valid at the provider (Salesforce: Apply, in the app’s consumer details). Then switch over here.
          </p>
          <div className="mt-3 flex flex-wrap gap-2">
            <Button look="primary" busy={promote.isPending} unavailable={refusal} onClick={() => promote.mutate()}>
              Switch over
            </Button>
            <Button busy={forget.isPending} unavailable={refusal} onClick={() => forget.mutate()}>
              Forget it
            </Button>
          </div>
        </Notice>
      )}
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (!isEmpty && refusal === undefined) stage.mutate()
        }}
      >
        <TextField
          id="staged-id"
          label="Next client id"
          hint="Salesforce: Stage consumer credentials, in the app’s OAuth settings."
          value={id}
          onChange={setId}
        />
        <SecretField id="staged-secret" label="Next client secret" value={secret} onChange={setSecret} />
        <ErrorNotice error={stage.error ?? promote.error ?? forget.error} />
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" busy={stage.isPending} unavailable={refusal ?? (isEmpty ? 'Enter both first.' : undefined)}>
            Keep as the next ones
          </Button>
          <span role="status" className="text-sm text-good">
            {promote.isSuccess && 'Switched over. The former credentials go on for their connections.'}
          </span>
        </div>
      </form>
    </div>
  )
}
