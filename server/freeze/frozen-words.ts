import { fail, type Failure } from '@hawser/api/errors.ts'
import type { Diagnosis } from '#diagnosis/diagnose.ts'
import { explainHawserCode } from '#diagnosis/hawser-errors.ts'
import type { FreezeReason } from './judge-vault.ts'

const TAKE_OVER = 'If this database is to go on, and no server runs on another copy: npm run hawser -- vault take-over'
const JOIN = 'If this server belongs to those that use this database: npm run hawser -- vault join'

/** Why a vault is frozen, and what whoever runs the server does about it. */
export const frozenWords: Record<FreezeReason | 'starting', { cause: string; fix: string[] }> = {
  older: {
    cause: 'The database is older than what this server has seen of it: it was restored from a backup, or rolled back.',
    fix: [TAKE_OVER, 'Then the tokens that this server kept on disk are put back, before anything is refreshed.'],
  },
  moved: {
    cause: 'The database says that it was written in another PostgreSQL cluster, or under another database: it is a copy, or it was moved.',
    fix: ['Use the original.', TAKE_OVER],
  },
  other_epoch: {
    cause: 'The database was taken over, or this data directory (or HAWSER_VAULT_EPOCH) belongs to another database.',
    fix: [JOIN, 'With HAWSER_VAULT_EPOCH: set it to the epoch that take-over printed.', 'Else point DATABASE_URL to the right database.'],
  },
  unknown_directory: {
    cause:
      'The database is in use elsewhere, the data directory is empty, and no other server is up that could say that both belong together.',
    fix: [
      JOIN,
      'Where data directories do not last: set HAWSER_VAULT_EPOCH to what “npm run hawser -- vault epoch” prints.',
      'For a copy to try things with: leave it frozen, or delete its connections.',
    ],
  },
  starting: {
    cause: 'The server is still putting back tokens that it kept on disk.',
    fix: ['Call again in some seconds.', 'If it stays, read the log: the database or the data directory does not answer.'],
  },
}

/** What a caller gets who needs a refresh. */
export function vaultFrozen(reason: FreezeReason | 'starting'): Failure {
  const { cause, fix } = frozenWords[reason]
  const diagnosis: Diagnosis = { ...explainHawserCode('vault_frozen'), cause, fix, evidence: { reason } }
  if (reason !== 'starting') return fail('vault_frozen', { diagnosis })
  return fail('vault_frozen', { diagnosis: { ...diagnosis, class: 'transient', transient: true }, retryAfter: 1 })
}
