import { Link } from '@tanstack/react-router'

export function NotFoundPage() {
  return (
    <main className="mx-auto max-w-xl p-8">
      <h1 className="text-xl font-semibold">There is no such page</h1>
      <p className="mt-2 text-soft">
        The address may be mistyped, or what it named was deleted.{' '}
        <Link to="/overview" className="text-accent underline">
          Go to the overview
        </Link>
      </p>
    </main>
  )
}
