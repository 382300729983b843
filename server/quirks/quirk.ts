/** What one family of providers does differently, as a few named hooks. Everything that fits a catalogue option is an option instead. */
import type { Diagnosis } from '#diagnosis/diagnose.ts'
import type { Egress } from '#egress/dispatcher.ts'
import type { Secret } from '#lib/secret.ts'
import type { Provider } from '#providers/schema.ts'

export interface TokenAnswerInput {
  provider: Provider
  /** The token answer as parsed. */
  raw: Record<string, unknown>
  /**
   * `connect`: a new sign-in, on which everything is checked. `refresh`: the tokens may be the only live ones, so only what decides where they
   * are sent is checked.
   */
  phase: 'connect' | 'refresh'
  /** Where the customer signed in. */
  loginHost?: string | undefined
  clientSecret?: Secret<string> | undefined
}

export type TokenExtras =
  /** To be merged over what the connection holds. */
  | { ok: true; connectionConfig: Record<string, unknown> }
  /** `message` is for the engineer and quotes nothing of the answer; the end user reads the diagnosis. */
  | { ok: false; code: 'instance_url_refused' | 'connection_validation_failed'; message: string; diagnosis?: Diagnosis }

export interface ConfirmImportInput {
  egress: Egress
  provider: Provider
  accessToken: string
  connectionConfig: Record<string, unknown>
  timeoutMs: number
}

export type FieldCheck = { ok: true; value: string } | { ok: false; reason: string }

export interface Quirk {
  family: 'salesforce' | 'generic'
  /** Turns what a person typed into the value to use, or says what to type. Runs before pattern and format of the entry. */
  normaliseField(provider: Provider, name: string, value: string): FieldCheck
  /** What the connection keeps of a token answer. */
  readTokenAnswer(input: TokenAnswerInput): TokenExtras
  /** Whether a fresh access token may cure this answer of the API. */
  isRefreshable(status: number, contentType: string | undefined, bodyText: string): boolean
  /**
   * Proves an imported access token at the host it came with, never by a refresh: the former owner may still use the refresh token. Returns what the
   * connection keeps. Throws `instance_url_refused`, `connection_test_failed`, `connection_validation_failed`.
   */
  confirmImport(input: ConfirmImportInput): Promise<Record<string, unknown>>
}
