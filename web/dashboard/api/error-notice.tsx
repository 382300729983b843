import { Notice } from '../../ui/notice.tsx'
import { ApiError } from './api-error.ts'

/** A refused call inside of a page: what happened, and the steps that end it. Nothing while there is no error. */
export function ErrorNotice({ error, className = '' }: { error: unknown; className?: string }) {
  if (!error) return <div role="alert" className="hidden" />
  const known = error instanceof ApiError ? error : undefined
  return (
    <div role="alert" className={className}>
      <Notice tone="bad">
        {known?.diagnosis && <p className="font-medium">{known.diagnosis.title}</p>}
        <p>{known?.message ?? 'Something in this page failed.'}</p>
        {known?.fields.map(({ path, message }) => (
          <p key={path + message} className="text-sm">
            {path && <code className="font-mono">{path}</code>} {message}
          </p>
        ))}
        {known?.diagnosis && (
          <ul className="mt-1 list-disc pl-5 text-sm">
            {known.diagnosis.fix.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ul>
        )}
      </Notice>
    </div>
  )
}
