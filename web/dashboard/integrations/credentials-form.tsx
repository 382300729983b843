import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { SecretField } from '../../ui/secret-field.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import { isSalesforce, type Integration, type Provider } from './integrations-query.ts'

/** Writes only: what is stored is not read into the page, and empty fields change nothing. */
export function CredentialsForm({ integration, provider }: { integration: Integration; provider: Provider | undefined }) {
  const { may } = useWorkplace()
  const queries = useQueryClient()
  const [id, setId] = useState('')
  const [secret, setSecret] = useState('')
  const [scopes, setScopes] = useState('')
  const usual = provider?.['default_scopes']
  const salesforce = isSalesforce(provider)
  const wanted = scopes
    .split(/[\s,]+/)
    .filter((scope) => scope !== '')
    .join(',')
  const saved = useMutation({
    mutationFn: () =>
      call('updateIntegration', {
        params: { uniqueKey: integration.unique_key },
        body: {
          credentials: {
            type: 'OAUTH2',
            ...(id.trim() === '' ? {} : { client_id: id.trim() }),
            ...(secret.trim() === '' ? {} : { client_secret: secret.trim() }),
            ...(wanted === '' ? {} : { scopes: wanted }),
          },
        },
      }),
    onSuccess: async () => {
      setId('')
      setSecret('')
      setScopes('')
      await queries.invalidateQueries({ queryKey: ['integrations'] })
      await queries.invalidateQueries({ queryKey: ['clients'] })
    },
  })
  const refusal = may('environment:integrations:update') ? undefined : 'Your role may not change integrations.'
  const isEmpty = id.trim() === '' && secret.trim() === '' && wanted === ''
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (refusal === undefined && !isEmpty) saved.mutate()
      }}
    >
      <TextField
        id="client-id"
        label={salesforce ? 'Consumer key' : 'Client id'}
        note="empty: stays as it is"
        value={id}
        onChange={setId}
      />
      <SecretField
        id="client-secret"
        label={salesforce ? 'Consumer secret' : 'Client secret'}
        note="empty: stays as it is"
        value={secret}
        onChange={setSecret}
      />
      <TextField
        id="scopes"
        label="Scopes"
        note="empty: stay as they are"
        hint={
          Array.isArray(usual)
            ? `Asked for unless you say otherwise: ${usual.join(', ')}. Separate them by commas.`
            : 'Separate them by commas.'
        }
        value={scopes}
        onChange={setScopes}
      />
      <p className="text-sm text-soft">
        Connections that were made before keep refreshing with the credentials that they were made with. For a new secret of the same app
        without any gap, use the Credentials tab.
      </p>
      <ErrorNotice error={saved.error} />
      <div className="flex flex-wrap items-center gap-3">
        <Button
          look="primary"
          type="submit"
          busy={saved.isPending}
          unavailable={refusal ?? (isEmpty ? 'Fill in a field first.' : undefined)}
        >
          Save
        </Button>
        <span role="status" className="text-sm text-good">
          {saved.isSuccess && isEmpty && 'Saved. New sign-ins use it from now on.'}
        </span>
      </div>
    </form>
  )
}
