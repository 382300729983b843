import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { SelectField } from '../../ui/select-field.tsx'
import { TextAreaField } from '../../ui/text-area-field.tsx'
import { TypedNameDialog } from '../../ui/typed-name-dialog.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { integrationsQuery } from '../integrations/integrations-query.ts'
import { useWorkplace } from '../shell/me.ts'
import { RevocationOutcome } from './revocation-outcome.tsx'
import { counted, useRevocation } from './use-revocation.ts'

export function RevokePanel() {
  const { may } = useWorkplace()
  const [isOpen, setOpen] = useState(false)
  const revocation = useRevocation()
  const { count, revoke } = revocation
  const refusal = may('environment:connections:delete') ? undefined : 'Your role may not end what customers granted.'
  const found = count.data?.data
  return (
    <Panel
      title="Revoke grants"
      about="For when tokens may have leaked: ends them here at once and at the provider by jobs. The connections stay, and your customers have to connect them again. It cannot be undone."
    >
      <div className="flex flex-col gap-4">
        <Choice revocation={revocation} />
        <ErrorNotice error={count.error} />
        <RevocationOutcome found={found} done={revoke.data?.data} />
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
      <Ask
        revocation={revocation}
        isOpen={isOpen}
        onClose={() => {
          revoke.reset()
          setOpen(false)
        }}
        onDone={() => setOpen(false)}
      />
    </Panel>
  )
}

type Revoking = ReturnType<typeof useRevocation>

function Choice({ revocation }: { revocation: Revoking }) {
  const { may } = useWorkplace()
  const integrations = useQuery({ ...integrationsQuery, enabled: may('environment:integrations:list') })
  return (
    <>
      <SelectField
        id="revoke-integration"
        label="Of which integration"
        value={revocation.integration}
        onChange={(integration) => revocation.choose({ integration })}
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
        value={revocation.connections}
        onChange={(connections) => revocation.choose({ connections })}
      />
    </>
  )
}

interface AskProps {
  revocation: Revoking
  isOpen: boolean
  onClose: () => void
  onDone: () => void
}

function Ask({ revocation, isOpen, onClose, onDone }: AskProps) {
  const { environment } = useWorkplace()
  const { count, revoke, integration, isWhole } = revocation
  const found = count.data?.data
  const name = environment?.name ?? ''
  return (
    <TypedNameDialog
      isOpen={isOpen}
      onClose={onClose}
      title={`Revoke ${counted(found?.grants ?? 0, 'grant')}?`}
      name={integration || name}
      action="Revoke for good"
      isBusy={revoke.isPending}
      onConfirm={() => revoke.mutate(undefined, { onSuccess: onDone })}
    >
      <p>
        {isWhole
          ? `Every customer of ${name} has to connect again.`
          : `The customers behind ${counted(found?.connections ?? 0, 'connection')} have to connect again.`}{' '}
        To stop all use for a while instead, freeze.
      </p>
      <ErrorNotice error={revoke.error} />
    </TypedNameDialog>
  )
}
