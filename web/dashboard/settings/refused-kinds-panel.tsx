import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { CheckField } from '../../ui/check-field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Panel } from '../../ui/panel.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { ORG_KINDS, type OrgKind } from './org-kinds.ts'
import { useSaveSettings, useSettingsRefusal } from './use-save-settings.ts'

export function RefusedKindsPanel({ refused }: { refused: readonly OrgKind[] }) {
  const [chosen, setChosen] = useState<readonly OrgKind[]>(refused)
  const save = useSaveSettings()
  const refusal = useSettingsRefusal()
  const isChanged = [...chosen].sort().join() !== [...refused].sort().join()
  return (
    <Panel
      title="Salesforce orgs that nobody may connect here"
      about="A test environment that refuses production orgs cannot touch real data by mistake. It holds for every integration, and for new sign-ins only."
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (isChanged && refusal === undefined && !save.isPending) save.mutate({ refused_org_kinds: [...chosen] })
        }}
      >
        <fieldset className="grid gap-x-6 gap-y-3 sm:grid-cols-2">
          <legend className="sr-only">Refused kinds of org</legend>
          {ORG_KINDS.map(([kind, name, about]) => (
            <CheckField
              key={kind}
              label={name}
              hint={about}
              checked={chosen.includes(kind)}
              onChange={(isOn) => refusal === undefined && setChosen(isOn ? [...chosen, kind] : chosen.filter((one) => one !== kind))}
            />
          ))}
        </fieldset>
        <ErrorNotice error={save.error} />
        <div role="status" className="empty:absolute">
          {save.isSuccess && !isChanged && <Notice tone="good">Saved.</Notice>}
        </div>
        <div>
          <Button type="submit" busy={save.isPending} unavailable={refusal ?? (isChanged ? undefined : 'Nothing is changed.')}>
            Save what is refused
          </Button>
        </div>
      </form>
    </Panel>
  )
}
