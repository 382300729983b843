import type { Failure } from '@hawser/api/errors.ts'

/** Whether this process may refresh from its database at all; made by `freeze/vault-watch.ts`. */
export interface VaultGuard {
  /** What a refresh is refused with in a restored or copied database: it could end the original's grants. */
  frozen(): Failure | undefined
  /** While true, not even tokens on disk are put into the database: it may be somebody else's. */
  foreign(): boolean
  /** The state of the vault that this process knows: no refresh begins in a database of another epoch, or in an older one. */
  seen(): SeenVault | undefined
}

export interface SeenVault {
  epoch: string
  generation: number
}

/** For a database that is nobody else's. */
export const unguarded: VaultGuard = { frozen: () => undefined, foreign: () => false, seen: () => undefined }
