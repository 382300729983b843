import { CodeBlock } from '../../ui/code-block.tsx'
import { Facts } from '../../ui/facts.tsx'
import { IdText } from '../../ui/id-text.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import type { AuditEvent } from './audit-query.ts'

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })

/** One row of the trail in full. */
export function AuditEventFacts({ event, who }: { event: AuditEvent; who: string }) {
  const { actor, end_user: user } = event
  return (
    <div className="flex flex-col gap-4">
      <Facts
        rows={[
          [
            'When',
            <>
              {exact.format(new Date(event.at))} (<TimeAgo at={event.at} />)
            </>,
          ],
          ['Action', <code className="font-mono">{event.action}</code>],
          [
            'Who',
            <>
              {who} {actor.id !== undefined && <IdText value={actor.id} name="id of who did it" />}
            </>,
          ],
          ['From', event.address],
          ...(user ? [['Whose account', user.id ?? `${user.pseudonym} (erased)`] as const] : []),
          ...(event.count > 1 ? [['How often', String(event.count)] as const] : []),
          ...(event.request_id === null
            ? []
            : [['Request', <IdText key="request" value={event.request_id} name="request’s id" />] as const]),
          ['Row', <IdText key="row" value={event.id} name="row’s id" />],
        ]}
      />
      <CodeBlock label="Subject" text={JSON.stringify(event.subject, null, 2)} />
    </div>
  )
}
