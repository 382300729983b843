import { useQuery } from '@tanstack/react-query'
import { Notice } from '../../ui/notice.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { vaultQuery } from '../overview/overview-query.ts'
import type { ConnectionAddress } from './connection-query.ts'

const WHAT = { environment: 'The whole environment was frozen', integration: 'Its integration was frozen', connection: 'It was frozen' }

/** Since when, by which switch, and why nothing is called. */
export function FrozenNotice({ address }: { address: ConnectionAddress }) {
  const { data } = useQuery(vaultQuery)
  const place = data?.frozen.places.find(
    ({ what, integration, connection_id: id }) =>
      what === 'environment' || (integration === address.integration && (what === 'integration' || id === address.connection)),
  )
  return (
    <Notice tone="warn" className="mb-5">
      <p className="font-medium">Nothing is called or refreshed with this connection.</p>
      {place && (
        <p className="text-sm">
          {WHAT[place.what]} <TimeAgo at={place.frozen_at} />: {place.reason}
        </p>
      )}
    </Notice>
  )
}
