import { EmptyState } from '../../ui/empty-state.tsx'
import { useWorkplace } from '../shell/me.ts'

/** In place of what her role may not see: said before the server refuses. */
export function NotForYourRole({ what, who }: { what: string; who: string }) {
  const { environment } = useWorkplace()
  return (
    <EmptyState title={`Your role may not see ${what}`}>
      <p>
        You are {environment?.role ?? 'nobody'} in {environment?.name ?? 'no environment'}. {who} Ask an owner if you need more.
      </p>
    </EmptyState>
  )
}
