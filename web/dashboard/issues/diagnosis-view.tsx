import type { ReactNode } from 'react'
import { Badge } from '../../ui/badge.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { apiBase } from '../api/call.ts'
import { actorWords, confidenceWords, type Diagnosis } from './issue-words.ts'

/** In full: cause, who has to act, the steps in their order, words for the customer, and what it rests on. */
export function DiagnosisView({ diagnosis, actions }: { diagnosis: Diagnosis; actions?: ReactNode }) {
  const { cause, fix, actor, transient, end_user_text: forCustomer, docs, evidence } = diagnosis
  const [who, sentence] = actorWords[actor]
  const seen = Object.entries(evidence)
  return (
    <div className="flex max-w-prose flex-col gap-3 text-sm wrap-anywhere">
      <p>{cause}</p>
      <p className="flex flex-wrap items-center gap-2">
        <Badge tone={transient ? 'warn' : 'info'}>{who}</Badge>
        {transient ? 'It goes away by itself; nobody has to act yet.' : sentence}
      </p>
      {fix.length > 0 && (
        <div>
          <p className="font-medium">What to do</p>
          <ol className="mt-1 list-decimal space-y-1 pl-5">
            {fix.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </div>
      )}
      {forCustomer && (
        <div className="rounded-lg border border-line bg-sunk px-3 py-2">
          <p className="flex items-center justify-between gap-3 text-soft">
            In words for your customer <CopyButton value={forCustomer} />
          </p>
          <p>{forCustomer}</p>
        </div>
      )}
      {actions}
      <p className="text-xs text-soft">
        {seen.length > 0 && (
          <>
            Seen: <code className="font-mono">{seen.map(([name, value]) => `${name} ${value}`).join(', ')}</code>.{' '}
          </>
        )}
        How sure this is: {confidenceWords[diagnosis.confidence]}. {isAbbreviation(diagnosis.source) ? '' : diagnosis.source}{' '}
        {docs && (
          <a href={apiBase + docs} target="_blank" rel="noopener noreferrer" className="text-link underline">
            More about this
          </a>
        )}
      </p>
    </div>
  )
}

/** `HELP`, `DOCS`: names of the error tables’ own; the guide behind the link has them in words. */
function isAbbreviation(source: string): boolean {
  return /^[A-Z]{2,5}$/.test(source)
}
