import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Notice } from '../../ui/notice.tsx'
import { Spinner } from '../../ui/spinner.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { durationText } from '../logs/operation-words.ts'
import { deliveryQuery } from './deliveries-query.ts'

/** What became of a test message, as soon as the first attempt is over. */
export function TestOutcome({ id }: { id: string }) {
  const { data: delivery, error } = useQuery(deliveryQuery(id))
  const attempt = delivery?.tries.at(-1)
  const link = (
    <Link to="/webhooks/$delivery" params={{ delivery: id }} className="text-link underline">
      Look at it
    </Link>
  )
  if (error) return <ErrorNotice error={error} />
  if (delivery?.state === 'delivered')
    return (
      <Notice tone="good">
        Delivered: your server answered {delivery.last_status ?? attempt?.status ?? 'well'}
        {attempt && ` after ${durationText(attempt.duration_ms)}`}. {link}
      </Notice>
    )
  if (delivery && (delivery.state === 'given_up' || delivery.attempts > 0))
    return (
      <Notice tone="bad">
        <p className="font-medium">{attempt?.error?.title ?? delivery.last_error ?? 'The test could not be delivered.'}</p>
        <p className="text-sm">
          {attempt?.status === undefined || attempt.status === null ? 'No answer came. ' : `Your server answered ${attempt.status}. `}
          {delivery.state === 'waiting' ? 'It is tried again by itself. ' : 'It is not tried again. '}
          {link}
        </p>
        {attempt?.error?.code === 'webhook-blocked' && (
          <p className="mt-1 text-sm">
            Addresses in private networks are refused unless this server is started with them in{' '}
            <code className="font-mono">HAWSER_TRUSTED_HOSTS</code>.
          </p>
        )}
      </Notice>
    )
  return (
    <p className="flex items-center gap-2 text-sm text-soft">
      <Spinner /> The test is on its way…
    </p>
  )
}
