/** What an entry of the spool holds; the tokens in it are sealed already, under their grant's data key. */
import { z } from 'zod'
import type { TokensToStore } from './lease-store.ts'

const payload = z.object({
  sealed: z.base64().min(1),
  expires_at: z.number().nullable(),
  fingerprint: z.base64().nullable(),
  /** Entries of older releases have none. */
  sent_fingerprint: z.base64().nullable().default(null),
})

export type SpooledTokens = Pick<TokensToStore, 'sealed' | 'expiresAt' | 'fingerprint' | 'sentFingerprint'>

export function spoolPayload({ sealed, expiresAt, fingerprint, sentFingerprint }: SpooledTokens): Buffer {
  const value: z.output<typeof payload> = {
    sealed: sealed.toString('base64'),
    expires_at: expiresAt?.getTime() ?? null,
    fingerprint: fingerprint?.toString('base64') ?? null,
    sent_fingerprint: sentFingerprint?.toString('base64') ?? null,
  }
  return Buffer.from(JSON.stringify(value))
}

/** Undefined for bytes that are no entry. */
export function readSpoolPayload(bytes: Buffer): SpooledTokens | undefined {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
  const parsed = payload.safeParse(value)
  if (!parsed.success) return undefined
  const { sealed, expires_at, fingerprint, sent_fingerprint } = parsed.data
  return {
    sealed: Buffer.from(sealed, 'base64'),
    expiresAt: expires_at === null ? undefined : new Date(expires_at),
    fingerprint: fingerprint === null ? undefined : Buffer.from(fingerprint, 'base64'),
    sentFingerprint: sent_fingerprint === null ? undefined : Buffer.from(sent_fingerprint, 'base64'),
  }
}
