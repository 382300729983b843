import { Panel } from '../../ui/panel.tsx'
import { durationText, type WholeOperation } from './operation-words.ts'

const DOTS = { info: 'bg-edge', warn: 'bg-warn', error: 'bg-bad' }
const LEVELS = { info: '', warn: 'Warning: ', error: 'Error: ' }

/** What happened, step by step, with the time since the first. */
export function OperationTimeline({ messages }: { messages: WholeOperation['messages'] }) {
  const start = Date.parse(messages[0]?.at ?? '')
  return (
    <Panel title="What happened">
      {messages.length === 0 ? (
        <p className="text-sm text-soft">No steps were kept of this operation.</p>
      ) : (
        <ol className="flex flex-col text-sm">
          {messages.map(({ at, level, text }, index) => (
            <li key={`${at}${text}`} className="relative grid grid-cols-[4.5rem_1rem_minmax(0,1fr)] gap-x-2 pb-3 last:pb-0">
              <time dateTime={at} title={new Date(at).toISOString()} className="text-right text-soft tabular-nums">
                {index === 0 ? '0 ms' : `+${durationText(Math.max(0, Date.parse(at) - start))}`}
              </time>
              <span aria-hidden="true" className="flex flex-col items-center pt-1.5">
                <span className={`size-2.5 shrink-0 rounded-full ${DOTS[level]}`} />
                {index < messages.length - 1 && <span className="-mb-4 w-px flex-1 bg-line" />}
              </span>
              <p className="wrap-anywhere">
                <span className="sr-only">{LEVELS[level]}</span>
                {text}
              </p>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  )
}
