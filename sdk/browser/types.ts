/** What went wrong, why, and what to do. */
export interface Diagnosis {
  /** Stable: switch over it. */
  code: string
  class: 'transient' | 'limit' | 'config' | 'reconnect' | 'customer_admin' | 'user' | 'bug'
  /** Who can end it. */
  actor: 'developer' | 'customer_admin' | 'end_user' | 'salesforce' | 'provider' | 'hawser'
  title: string
  cause: string
  /** Steps for the engineer, in their order. */
  fix: string[]
  /** For the person who connects, in plain words. */
  end_user_text: string
  [more: string]: unknown
}

/** A connection that stands. Give `connectionId` to your backend, or wait there for the webhook. */
export interface Connected {
  providerConfigKey: string
  connectionId: string
  isPending: boolean
}

export interface HawserOptions {
  /** Where Hawser answers, e.g. `https://connect.example.com`. A path is kept. */
  host: string
  /**
   * Token of a connect session, which your backend creates; or a function that fetches one. The function is called after the window has been opened:
   * browsers only open windows right after a click, so do not fetch the token between the click and `connect`.
   */
  connectSessionToken?: string | (() => Promise<string>)
  /** Path of the WebSocket on `host`, where a reverse proxy moved it. */
  websocketsPath?: string
  /** Of the window, in pixels. */
  width?: number
  height?: number
}

export interface ConnectOptions {
  /** Fields of the provider's form, e.g. `{ hostname: 'acme--uat' }`. The session's own values win. */
  params?: Record<string, string>
  authorization_params?: Record<string, string | undefined>
  user_scope?: string[]
  /** The OAuth client of your customer's own app. */
  credentials?: { oauth_client_id_override?: string; oauth_client_secret_override?: string }
  /** Ends the waiting and closes the window; the promise rejects with the signal's reason. */
  signal?: AbortSignal
  /** In ms. Without it: as long as the session lasts, at least 10 and at most 30 minutes. */
  timeoutMs?: number
  /** Read by stock clients. Here a closed window always settles the promise. */
  detectClosedAuthWindow?: boolean
}

/** As the stock client takes them; their shape says which way to sign in is meant. */
export interface AuthOptions extends Omit<ConnectOptions, 'credentials'> {
  credentials?: Record<string, unknown>
  installation?: 'outbound'
  assertionOption?: Record<string, unknown>
}
