import { useQuery } from '@tanstack/react-query'
import { Skeleton } from '../../ui/skeleton.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { vaultQuery } from '../overview/overview-query.ts'
import { useWorkplace } from '../shell/me.ts'
import { FreezeEnvironmentPanel } from './freeze-environment-panel.tsx'
import { FrozenPlacesPanel } from './frozen-places-panel.tsx'
import { NotForYourRole } from './not-for-your-role.tsx'
import { RevokePanel } from './revoke-panel.tsx'
import { SettingsFrame } from './settings-frame.tsx'
import { VaultStatePanel } from './vault-state-panel.tsx'

export function VaultPage() {
  const { may } = useWorkplace()
  const vault = useQuery({ ...vaultQuery, enabled: may('environment:settings:read') })
  return (
    <SettingsFrame name="Vault" about="Where tokens and secrets lie encrypted, and the switches for the day when something went wrong.">
      {!may('environment:settings:read') ? (
        <NotForYourRole what="the vault’s state" who="Every role with access to an environment may read it." />
      ) : (
        <div className="flex max-w-3xl flex-col gap-5">
          <ErrorNotice error={vault.error} />
          {vault.isPending && (
            <>
              <Skeleton className="h-72" />
              <Skeleton className="h-48" />
            </>
          )}
          {vault.data && (
            <>
              <VaultStatePanel vault={vault.data} />
              <FreezeEnvironmentPanel place={vault.data.frozen.places.find(({ what }) => what === 'environment')} />
              {vault.data.frozen.places.some(({ what }) => what !== 'environment') && <FrozenPlacesPanel frozen={vault.data.frozen} />}
              <RevokePanel />
            </>
          )}
        </div>
      )}
    </SettingsFrame>
  )
}
