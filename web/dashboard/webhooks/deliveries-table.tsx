import { Link } from '@tanstack/react-router'
import { Badge } from '../../ui/badge.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { errorText, stateTones, stateWords, typeWords, type Delivery } from './delivery-words.ts'

const COLUMNS = ['Webhook', 'State', 'Attempts', 'Made', 'Connection'] as const

export function DeliveriesTable({ deliveries }: { deliveries: readonly Delivery[] }) {
  return (
    <div
      role="region"
      aria-label="Deliveries"
      tabIndex={0}
      className="overflow-x-auto rounded-xl border border-line bg-card focus-visible:outline-2 focus-visible:outline-ring"
    >
      <table className="w-full min-w-[44rem] text-sm">
        <thead className="text-left text-soft">
          <tr className="h-10 border-b border-line">
            {COLUMNS.map((name) => (
              <th key={name} scope="col" className="px-4 font-normal">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {deliveries.map((delivery) => (
            <DeliveryRow key={delivery.id} delivery={delivery} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function DeliveryRow({ delivery }: { delivery: Delivery }) {
  const { id, type, state, attempts, created_at: made, next_attempt_at: next, connection_id: connection, integration } = delivery
  return (
    <tr className="h-14 hover:bg-sunk">
      <td className="max-w-72 px-4 py-2">
        <Link to="/webhooks/$delivery" params={{ delivery: id }} className="block truncate font-medium text-link hover:underline">
          {typeWords[type] ?? type}
        </Link>
        <code className="block truncate font-mono text-xs text-soft">{type}</code>
      </td>
      <td className="max-w-64 px-4 py-2">
        <Badge tone={stateTones[state]}>{stateWords[state]}</Badge>
        {state !== 'delivered' && delivery.last_error && (
          <p className="truncate text-xs text-soft" title={delivery.last_error}>
            {errorText(delivery.last_error)}
          </p>
        )}
      </td>
      <td className="px-4 py-2 whitespace-nowrap">
        <span className="tabular-nums">{attempts}</span>
        {next && (
          <p className="text-xs text-soft">
            next <TimeAgo at={next} />
          </p>
        )}
      </td>
      <td className="px-4 py-2 text-soft">
        <TimeAgo at={made} />
      </td>
      <td className="max-w-48 truncate px-4 py-2">
        {connection && integration ? (
          <Link
            to="/connections/$integration/$connection"
            params={{ integration, connection }}
            title={connection}
            className="text-link hover:underline"
          >
            {connection}
          </Link>
        ) : (
          <span className="text-soft">{connection ?? '–'}</span>
        )}
      </td>
    </tr>
  )
}
