import { Notice } from '../../ui/notice.tsx'
import type { Reply } from '../api/call.ts'
import { counted } from './use-revocation.ts'

type Revocation = Reply<'revokeGrants'>['data']

/** `found`: what would end; `done`: what has ended. */
export function RevocationOutcome({ found, done }: { found: Revocation | undefined; done: Revocation | undefined }) {
  return (
    <div role="status" className="empty:absolute">
      {found && (
        <Notice tone={found.grants === 0 ? 'info' : 'warn'}>
          {found.grants === 0
            ? 'Nothing would be revoked: no connection that you named lives on a grant that still works.'
            : `${counted(found.grants, 'grant')} would end; ${counted(found.connections, 'connection')} would have to be connected again.`}
        </Notice>
      )}
      {done && (
        <Notice tone={done.remaining > 0 ? 'warn' : 'good'}>
          {counted(done.grants, 'grant')} ended.
          {done.remaining > 0 && ` ${counted(done.remaining, 'grant')} more could not be reached in time: do it again.`}
        </Notice>
      )}
    </div>
  )
}
