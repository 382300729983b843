/** What must not be possible, in one line each. SECURITY.md has the same table. */
export interface Line {
  line: number
  what: string
  /** Folders of `server/` that would exist if it were built. */
  notBuilt?: { why: string; wouldBe: readonly string[] }
}

export const LINES: readonly Line[] = [
  { line: 1, what: 'a field of the connect form leads the client secret to a foreign host' },
  { line: 2, what: 'a forged `instance_url` leads tokens to a foreign host' },
  { line: 3, what: 'a key that may use the proxy gets at the credentials themselves' },
  { line: 4, what: 'codes, verifiers, tokens, secrets in logs and error messages' },
  { line: 5, what: 'refresh tokens returned without being asked for' },
  { line: 6, what: 'secrets in columns that are not encrypted' },
  { line: 7, what: 'ciphertexts that open in another row' },
  { line: 8, what: 'TLS verification switched off' },
  { line: 9, what: 'a state guessed, replayed, raced, used in another browser or late' },
  { line: 10, what: 'mix-up between authorization servers' },
  { line: 11, what: 'PKCE downgraded' },
  { line: 12, what: 'a connect session used for more than it allows, or after its end' },
  { line: 13, what: 'things of another environment seen or changed' },
  { line: 14, what: 'keys guessed, or told by timing' },
  { line: 15, what: 'the dashboard: CSRF, clickjacking, XSS' },
  { line: 16, what: 'a result given to a foreign window' },
  { line: 17, what: 'an outbound call that reaches the inside' },
  { line: 18, what: 'an outbound call by another scheme, or to another port' },
  { line: 19, what: 'a body read before authentication' },
  { line: 20, what: 'unlimited bodies, headers, nesting, retries, waits' },
  { line: 21, what: 'request smuggling' },
  { line: 22, what: 'a slow reader or writer that grows memory' },
  { line: 23, what: 'one tenant’s traffic that uses up another’s budget' },
  {
    line: 24,
    what: 'incoming webhooks without the provider’s signature, or replayed',
    notBuilt: { why: 'no webhooks are received from providers', wouldBe: ['webhooks', 'incoming-webhooks'] },
  },
  { line: 25, what: 'a refresh token used twice' },
  { line: 26, what: 'a new refresh token lost between answer and store' },
  { line: 27, what: 'a write that undoes a concurrent change' },
  { line: 28, what: 'work that was accepted and is then only in memory' },
  { line: 29, what: 'an outage taken for the end of a grant' },
  { line: 30, what: 'a restart that callers see as an error' },
  { line: 31, what: 'a rotated key after which something cannot be read' },
  { line: 32, what: 'a migration that makes old nodes fail' },
  {
    line: 33,
    what: 'a customer’s function that reads, spawns, floods or outlives its deadline',
    notBuilt: { why: 'no code of customers is run', wouldBe: ['functions', 'sandbox'] },
  },
  { line: 34, what: 'a use of a credential that leaves no trace' },
]
