import { Badge } from '../../ui/badge.tsx'
import { Panel } from '../../ui/panel.tsx'
import { ClockTime } from '../logs/clock-time.tsx'
import { durationText } from '../logs/operation-words.ts'
import type { WholeDelivery } from './delivery-words.ts'

/** Every attempt with what the receiver said. */
export function DeliveryTries({ delivery: { tries, attempts } }: { delivery: WholeDelivery }) {
  const more = attempts - tries.length
  return (
    <Panel title="Attempts" {...(more > 0 && tries.length > 0 ? { about: `The last ${tries.length} of ${attempts}.` } : {})}>
      {tries.length === 0 && <p className="text-sm text-soft">None yet.</p>}
      <ol className="divide-y divide-line">
        {tries.map(({ at, status, duration_ms: took, error, answer }) => (
          <li key={at} className="flex flex-col gap-1 py-3 text-sm first:pt-0 last:pb-0">
            <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <ClockTime at={at} className="text-soft" />
              <Badge tone={error === null ? 'good' : 'bad'}>{status ?? 'No answer'}</Badge>
              <span className="text-soft tabular-nums">{durationText(took)}</span>
              {error && <span title={error.code}>{error.title}</span>}
            </p>
            {answer && (
              <pre className="max-h-40 overflow-auto rounded-md bg-sunk p-2 font-mono text-xs whitespace-pre-wrap wrap-anywhere">
                {answer}
              </pre>
            )}
          </li>
        ))}
      </ol>
    </Panel>
  )
}
