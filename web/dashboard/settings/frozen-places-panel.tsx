import { Link } from '@tanstack/react-router'
import { Panel } from '../../ui/panel.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import type { VaultStatus } from './vault-state-panel.tsx'

type Place = VaultStatus['frozen']['places'][number]

/** What is frozen by itself; each is thawed on its own page. */
export function FrozenPlacesPanel({ frozen }: { frozen: VaultStatus['frozen'] }) {
  const places = frozen.places.filter(({ what }) => what !== 'environment')
  return (
    <Panel
      title="Frozen by themselves"
      about={frozen.total > frozen.places.length ? `The latest ${frozen.places.length} of ${frozen.total}.` : undefined}
    >
      <ul className="divide-y divide-line">
        {places.map((place) => (
          <li key={`${place.integration} ${place.connection_id}`} className="py-2.5 first:pt-0 last:pb-0">
            <p className="wrap-anywhere">
              <Name place={place} />
            </p>
            <p className="text-sm text-soft">
              <TimeAgo at={place.frozen_at} />: {place.reason}
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Name({ place: { integration, connection_id: connection } }: { place: Place }) {
  const look = 'font-medium text-link underline'
  if (integration === null) return <>no longer there</>
  if (connection === null)
    return (
      <Link to="/integrations/$integration" params={{ integration }} className={look}>
        Integration {integration}
      </Link>
    )
  return (
    <Link to="/connections/$integration/$connection" params={{ integration, connection }} className={look}>
      Connection {connection} of {integration}
    </Link>
  )
}
