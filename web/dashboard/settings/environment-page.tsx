import { useQuery } from '@tanstack/react-query'
import { Skeleton } from '../../ui/skeleton.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { environmentQuery } from '../integrations/integrations-query.ts'
import { useWorkplace } from '../shell/me.ts'
import { AddressesPanel } from './addresses-panel.tsx'
import { NewEnvironmentPanel } from './new-environment-panel.tsx'
import { NotForYourRole } from './not-for-your-role.tsx'
import { RefusedKindsPanel } from './refused-kinds-panel.tsx'
import { SettingsFrame } from './settings-frame.tsx'
import { WebhookKeyPanel } from './webhook-key-panel.tsx'

export function EnvironmentPage() {
  const { environment, may } = useWorkplace()
  const settings = useQuery({ ...environmentQuery, enabled: may('environment:settings:read') })
  return (
    <SettingsFrame name="Environment" about={`Settings of ${environment?.name ?? 'the environment'}. Other environments have their own.`}>
      {!may('environment:settings:read') ? (
        <NotForYourRole what="settings" who="Every role with access to an environment may read them." />
      ) : (
        <div className="flex max-w-3xl flex-col gap-5">
          <ErrorNotice error={settings.error} />
          {settings.isPending && (
            <>
              <Skeleton className="h-80" />
              <Skeleton className="h-32" />
              <Skeleton className="h-72" />
            </>
          )}
          {settings.data && (
            <>
              <AddressesPanel settings={settings.data} />
              <WebhookKeyPanel />
              <RefusedKindsPanel key={settings.data.refused_org_kinds.join()} refused={settings.data.refused_org_kinds} />
            </>
          )}
          <NewEnvironmentPanel />
        </div>
      )}
    </SettingsFrame>
  )
}
