/**
 * The port to the key that wraps all others: a local file, or a key management service that never lets its key out.
 * Called once for each environment and process, never on the path of a request.
 */
export type KeyProvider = {
  /** Names the key, not the kind of provider: kept beside what it wrapped, so that a wrong key can be named. Not secret. */
  readonly id: string
  /** `aad` binds the result to its place; it must be given again to unwrap. */
  wrap: (plain: Buffer, aad: string) => Promise<Buffer>
  /** @throws CannotOpen (wrong aad, changed bytes), WrongVaultKey (wrapped by another key) */
  unwrap: (wrapped: Buffer, aad: string) => Promise<Buffer>
}

/** Before each wrapped key: 64 bits that name the key that wrapped it, to tell "another key" from "changed bytes". They say nothing about the key. */
export const CHECK_BYTES = 8

/** Started with another key than the one that wrapped the data. Names both by their check values, never by their bytes. */
export class WrongVaultKey extends Error {
  readonly code = 'ERR_WRONG_VAULT_KEY'
  override readonly name = 'WrongVaultKey'
  readonly expected: string
  readonly found: string
  constructor(expected: string, found: string) {
    super(
      `the vault key is the wrong one: the stored credentials were encrypted with key ${expected}, this server was started with key ` +
        `${found}. Bring back the key file, HAWSER_ENCRYPTION_KEY or HAWSER_KMS_KEY that was in use before (from your backup). Nothing has been changed.`,
    )
    this.expected = expected
    this.found = found
  }
}

/** For the start: compares the key's id with the one that the database remembers. @throws WrongVaultKey */
export const assertSameKey = (remembered: string | null, provider: KeyProvider): void => {
  if (remembered !== null && remembered !== provider.id) throw new WrongVaultKey(remembered, provider.id)
}
