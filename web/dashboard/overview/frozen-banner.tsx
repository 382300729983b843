import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Notice } from '../../ui/notice.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { vaultQuery } from './overview-query.ts'

/** Says why nothing is called or refreshed: the vault, the environment, or parts of it are frozen. Nothing while all is live. */
export function FrozenBanner() {
  const { data: vault } = useQuery(vaultQuery)
  if (!vault) return null
  const environment = vault.frozen.places.find(({ what }) => what === 'environment')
  const parts = vault.frozen.total - (environment ? 1 : 0)
  return (
    <>
      {vault.state === 'frozen' && (
        <Notice tone="bad">
          <p className="font-medium">The vault is frozen: connections are not refreshed{vault.reason && ` (${vault.reason})`}.</p>
          <ul className="mt-1 list-disc pl-5 text-sm">
            {vault.words.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ul>
          <Details />
        </Notice>
      )}
      {environment && (
        <Notice tone="bad">
          <p className="font-medium">
            This environment was frozen <TimeAgo at={environment.frozen_at} />: nothing is called, refreshed or connected.
          </p>
          <p className="text-sm">Reason: {environment.reason}</p>
          <Details />
        </Notice>
      )}
      {parts > 0 && (
        <Notice tone="warn">
          {parts === 1 ? 'One integration or connection is' : `${parts} integrations and connections are`} frozen by hand.{' '}
          <Link to="/connections" search={{ state: 'frozen' } as never} className="text-link underline">
            Show frozen connections
          </Link>
        </Notice>
      )}
    </>
  )
}

function Details() {
  return (
    <Link to="/settings/vault" className="mt-1 inline-block text-sm text-link underline">
      What to do
    </Link>
  )
}
