import { useId, type ReactNode } from 'react'
import Check from 'lucide-react/icons/check'

interface StepProps {
  number: number
  title: string
  isDone: boolean
  isCurrent: boolean
  /** Why it cannot be done yet; shown in place of its content. */
  waitsFor?: string | undefined
  children: ReactNode
}

/** One step of the way; where the reader stands is marked by more than colour. */
export function Step({ number, title, isDone, isCurrent, waitsFor, children }: StepProps) {
  const heading = useId()
  return (
    <li
      aria-labelledby={heading}
      aria-current={isCurrent ? 'step' : undefined}
      className={`flex gap-4 rounded-xl border bg-card p-5 ${isCurrent ? 'border-accent' : 'border-line'}`}
    >
      <span
        aria-hidden="true"
        className={`flex size-7 shrink-0 items-center justify-center rounded-full text-sm font-semibold ${
          isDone ? 'bg-good-sunk text-good' : isCurrent ? 'bg-accent text-on-accent' : 'bg-sunk text-soft'
        }`}
      >
        {isDone ? <Check className="size-4" /> : number}
      </span>
      <div className="min-w-0 flex-1">
        <h2 id={heading} className="font-semibold">
          {title}
          {isDone && <span className="sr-only"> (done)</span>}
        </h2>
        {waitsFor === undefined ? <div className="mt-2 flex flex-col gap-3">{children}</div> : <p className="mt-1 text-soft">{waitsFor}</p>}
      </div>
    </li>
  )
}
