import { ApiError } from '../api/api-error.ts'

/** In place of a page that cannot be shown: what happened, and what to do. */
export function PageError({ error, reset }: { error: unknown; reset?: () => void }) {
  const known = error instanceof ApiError ? error : undefined
  return (
    <section role="alert" className="m-6 max-w-2xl rounded-lg border border-line bg-card p-6">
      <h1 className="text-lg font-semibold">{known?.diagnosis?.title ?? 'This page cannot be shown'}</h1>
      <p className="mt-2">{known?.message ?? 'Something in this page failed. The rest of the dashboard works.'}</p>
      {known?.diagnosis && (
        <ul className="mt-3 list-disc space-y-1 pl-5">
          {known.diagnosis.fix.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ul>
      )}
      {known && <p className="mt-3 font-mono text-sm text-soft">{known.code}</p>}
      <button
        type="button"
        className="mt-4 rounded-md border border-line px-3 py-1.5 hover:bg-sunk"
        onClick={() => (reset ? reset() : window.location.reload())}
      >
        Try again
      </button>
    </section>
  )
}
