import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Field, inputStyle } from '../../ui/field.tsx'
import { Panel } from '../../ui/panel.tsx'
import { SelectField } from '../../ui/select-field.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { orgKindWords } from '../connections/connection-words.ts'
import { useWorkplace } from '../shell/me.ts'
import { environmentQuery, isSalesforce, type Integration, type Provider } from './integrations-query.ts'

const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim().toLowerCase())
    .filter((line) => line !== '')

/** What may be connected through the integration, and where its calls may go. */
export function RulesForm({ integration, provider }: { integration: Integration; provider: Provider | undefined }) {
  const { may } = useWorkplace()
  const queries = useQueryClient()
  const [name, setName] = useState(integration.display_name)
  const [rule, setRule] = useState<Integration['wrong_org_kind']>(integration.wrong_org_kind)
  const [installUrl, setInstallUrl] = useState(integration.install_url ?? '')
  const [hosts, setHosts] = useState(integration.base_url_override_hosts.join('\n'))
  const saved = useMutation({
    mutationFn: () =>
      call('updateIntegration', {
        params: { uniqueKey: integration.unique_key },
        body: {
          ...(name.trim() === '' ? {} : { display_name: name.trim() }),
          wrong_org_kind: rule,
          install_url: installUrl.trim() === '' ? null : installUrl.trim(),
          base_url_override_hosts: lines(hosts),
        },
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['integrations'] }),
  })
  const refusal = may('environment:integrations:update') ? undefined : 'Your role may not change integrations.'
  const readOnly = refusal !== undefined
  return (
    <form
      className="flex max-w-4xl flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault()
        if (!readOnly) saved.mutate()
      }}
    >
      <Panel title="Name">
        <TextField id="display-name" label="Shown to your users" value={name} readOnly={readOnly} onChange={setName} />
      </Panel>
      {isSalesforce(provider) && (
        <Panel title="Kinds of orgs" about="Keeps a customer from connecting her production org where a sandbox was meant.">
          <div className="flex flex-col gap-4">
            <SelectField
              id="wrong-kind"
              label={`An org that is no ${provider?.['environment'] === 'sandbox' ? 'sandbox' : 'production org'}`}
              value={rule}
              onChange={(value) => setRule(value === 'warn' ? 'warn' : 'refuse')}
              options={[
                { value: 'refuse', label: 'is refused' },
                { value: 'warn', label: 'is connected, with an issue that says so' },
              ]}
            />
            <RefusedKinds />
            <TextField
              id="install-url"
              type="url"
              label="Install link of a packaged app"
              note="optional"
              hint="Shown to your users when Salesforce says that an administrator has to install the app first."
              value={installUrl}
              readOnly={readOnly}
              onChange={setInstallUrl}
            />
          </div>
        </Panel>
      )}
      <Panel
        title="Other hosts"
        about="Calls go to the provider’s own hosts only. Name further ones that Base-Url-Override may lead to, with the user’s token."
      >
        <Field id="hosts" label="Hosts" note="one a line" hint="For example api.example.com">
          {(input) => (
            <textarea
              {...input}
              rows={3}
              spellCheck={false}
              readOnly={readOnly}
              className={`${inputStyle} font-mono text-sm`}
              value={hosts}
              onChange={(event) => setHosts(event.target.value)}
            />
          )}
        </Field>
      </Panel>
      <ErrorNotice error={saved.error} />
      <div className="flex items-center gap-3">
        <Button look="primary" type="submit" busy={saved.isPending} unavailable={refusal}>
          Save the rules
        </Button>
        <span role="status" className="text-sm text-good">
          {saved.isSuccess && 'Saved.'}
        </span>
      </div>
    </form>
  )
}

function RefusedKinds() {
  const { data: environment } = useQuery(environmentQuery)
  const kinds = environment?.refused_org_kinds.map((kind) => orgKindWords[kind] ?? kind)
  return (
    <p className="min-h-6 text-sm">
      {kinds &&
        (kinds.length === 0
          ? 'This environment refuses no kind of org.'
          : `This environment refuses, whatever stands above: ${kinds.join(', ')}.`)}{' '}
      <Link to="/settings/environment" className="text-link underline">
        Change that for the environment
      </Link>
    </p>
  )
}
