/** Limits and waits of the proxy. Tests shorten them; operators set only `deadlineMs` (HAWSER_PROXY_TIMEOUT). Times in ms, sizes in bytes. */
export interface ProxySettings {
  /** From the whole request (or its last progress, while a body streams) to the beginning of the answer, with all retries. Also for receiving a kept body. */
  deadlineMs: number
  /** Longest silence of a provider within an answer, or of a caller within a request body. */
  idleMs: number
  /** How long a caller may not read before the exchange is cut: a stopped reader holds a socket at the provider too. */
  stallMs: number
  /** Bodies up to this size are kept, so that they can be sent again. */
  keptBodyBytes: number
  /** All kept bodies together; beyond it bodies are streamed and cannot be sent again. */
  keptTotalBytes: number
  /** How much of a 401 or 403 is read to tell an expired session from a missing permission. */
  refusalBytes: number
  /** Answers with absolute links that the gateway rewrites. */
  linkBytes: number
  /** A grant idle for longer is renewed before a body that cannot be sent again leaves. */
  idleGrantMs: number
}

export const defaultSettings: ProxySettings = {
  deadlineMs: 60_000,
  idleMs: 120_000,
  stallMs: 120_000,
  keptBodyBytes: 1024 * 1024,
  keptTotalBytes: 256 * 1024 * 1024,
  refusalBytes: 64 * 1024,
  linkBytes: 1024 * 1024,
  idleGrantMs: 10 * 60_000,
}
