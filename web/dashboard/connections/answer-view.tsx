import { Badge } from '../../ui/badge.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { duration } from '../overview/duration.ts'
import type { RequestAnswer } from './send-request.ts'

export function AnswerView({ answer, isPending }: { answer: RequestAnswer | undefined; isPending: boolean }) {
  return (
    <div className="flex flex-col gap-3">
      <div role="status" className="flex min-h-7 flex-wrap items-center gap-3 text-sm">
        {isPending && <span className="text-soft">Waiting for the provider…</span>}
        {!isPending && !answer && <span className="text-soft">Nothing was sent yet.</span>}
        {!isPending && answer && (
          <>
            <Badge tone={answer.status < 400 ? 'good' : 'bad'}>{answer.status === 0 ? 'A redirect' : answer.status}</Badge>
            <span className="tabular-nums">{duration(answer.took)}</span>
            <CopyButton value={answer.text} label="Copy the body" />
          </>
        )}
      </div>
      {isPending && <Skeleton className="h-40" />}
      {!isPending && answer && (
        <>
          <pre
            tabIndex={0}
            aria-label="Body of the answer"
            className="max-h-[32rem] overflow-auto rounded-lg bg-sunk p-3 font-mono text-xs whitespace-pre-wrap wrap-anywhere"
          >
            {answer.text || '(empty)'}
          </pre>
          {answer.isCut && <p className="text-sm text-soft">The rest is not shown: the answer is long.</p>}
          <details className="text-sm">
            <summary className="cursor-pointer">{answer.headers.length} headers</summary>
            <dl className="mt-2 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 font-mono text-xs">
              {answer.headers.map(([name, value]) => (
                <div key={name} className="contents">
                  <dt className="text-soft">{name}</dt>
                  <dd className="wrap-anywhere">{value}</dd>
                </div>
              ))}
            </dl>
          </details>
        </>
      )}
    </div>
  )
}
