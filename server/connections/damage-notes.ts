/** Says on connections that the vault cannot open what is stored for them, and takes it back once it can: an altered row, or another key. */
import { Failure } from '@hawser/api/errors.ts'
import { explainHawserCode } from '#diagnosis/hawser-errors.ts'
import { closeIssues } from '#issues/close-issues.ts'
import { openIssue } from '#issues/open-issue.ts'
import type { StoredGrant } from './connection.ts'
import type { RefreshDeps } from './refresh-deps.ts'
import { connectionsOfGrant } from './store.ts'

/** Every call meets the damage; writing it down once a minute is enough. */
const AGAIN_MS = 60_000
const MOST_NOTED = 10_000

export interface DamageNotes {
  /** The grant could not be opened: `error` says whether for good. Nobody waits for the issue. */
  failed(grant: StoredGrant, error: unknown): void
  /** Costs nothing while nothing is damaged. */
  opened(grant: StoredGrant): void
}

export function createDamageNotes(deps: Pick<RefreshDeps, 'db' | 'clock' | 'log' | 'recordOwnEvent'>): DamageNotes {
  /** By grant: when its issue was written last. */
  const noted = new Map<string, number>()

  /** One after the other: an issue must not be closed before it was opened. */
  let last: Promise<void> = Promise.resolve()
  const write = (work: (grant: StoredGrant) => Promise<unknown>, grant: StoredGrant) => {
    last = last.then(async () => {
      await work(grant).catch((error: unknown) =>
        deps.log.warn({ err: error, grantId: grant.id }, 'damaged credentials could not be told as an issue'),
      )
    })
  }

  const open = (grant: StoredGrant) =>
    deps.db.transaction().execute(async (transaction) => {
      const diagnosis = explainHawserCode('vault_cannot_open')
      for (const { connection } of await connectionsOfGrant(transaction, grant.id)) {
        const { environmentId, id: connectionId } = connection
        await openIssue(transaction, { environmentId, connectionId, kind: 'vault_cannot_open', diagnosis }, deps)
      }
    })

  const close = (grant: StoredGrant) =>
    deps.db.transaction().execute(async (transaction) => {
      const ids = (await connectionsOfGrant(transaction, grant.id)).map(({ connection }) => connection.id)
      await closeIssues(transaction, ids, ['vault_cannot_open'], { recordOwnEvent: deps.recordOwnEvent, reason: 'works_again' })
    })

  return {
    failed(grant, error) {
      if (!(error instanceof Failure) || error.code !== 'vault_cannot_open') return
      const now = deps.clock.now()
      if (now - (noted.get(grant.id) ?? -Infinity) < AGAIN_MS || (noted.size >= MOST_NOTED && !noted.has(grant.id))) return
      noted.set(grant.id, now)
      deps.log.error({ grantId: grant.id, environmentId: grant.environmentId }, 'the vault cannot open the credentials of a grant')
      write(open, grant)
    },
    opened(grant) {
      if (noted.size > 0 && noted.delete(grant.id)) write(close, grant)
    },
  }
}
