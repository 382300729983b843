/** What one family of providers does differently, as a few named hooks. Everything that fits a catalogue option is an option instead. */
import type { Diagnosis } from '#diagnosis/diagnose.ts'
import type { Egress } from '#egress/dispatcher.ts'
import type { Secret } from '#lib/secret.ts'
import type { OrgReading } from '#orgs/read-org-facts.ts'
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

export interface ReadOrgInput {
  egress: Egress
  provider: Provider
  accessToken: string
  /** With what `readTokenAnswer` or `confirmImport` has returned. */
  connectionConfig: Record<string, unknown>
  /** The app that minted the token just now; left out where it is another's, or the token an older one. */
  client?: { clientId: string; clientSecret: Secret<string> | undefined } | undefined
  /** Where the customer signed in. */
  loginHost?: string | undefined
  /** The token answer's `id`; only its host is looked at, and only as a hint. */
  identityUrl?: unknown
  now: number
  noteUsage?: ((orgId: string, header: string) => void) | undefined
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
  /** Asks the org behind a token who it is, within 5 s. Undefined for families without orgs. What it does not tell is null, never an error. */
  readOrg(input: ReadOrgInput): Promise<OrgReading | undefined>
}
