/** Lets your users connect their accounts, from your web page. */
import type { Browser } from './browser.ts'
import type { Place } from './call-server.ts'
import { createConnectUI, type ConnectUI, type ConnectUIProps } from './connect-ui.ts'
import { createWithout, needsPopup, sendCredentials } from './credentials.ts'
import { HawserError, type ClientErrorCode } from './hawser-error.ts'
import { hostFrom } from './host.ts'
import { leaveForProvider, resultAfterReturn, type RedirectOptions } from './redirect.ts'
import { signIn, type SignIn } from './sign-in.ts'
import type { AuthOptions, Connected, ConnectOptions, HawserOptions } from './types.ts'

export { HawserError } from './hawser-error.ts'
export type { ClientErrorCode } from './hawser-error.ts'
export type { ConnectUI, ConnectUIEvent, ConnectUIProps } from './connect-ui.ts'
export type { RedirectOptions } from './redirect.ts'
export type { AuthOptions, Connected, ConnectOptions, Diagnosis, HawserOptions } from './types.ts'

export class Hawser {
  readonly #options: HawserOptions
  readonly #place: Place
  /** Sign-ins that nobody has finished yet, by integration. */
  readonly #running = new Map<string, { stop: AbortController; attempt: SignIn }>()

  /** Throws `invalid_host_url`. `browser` is for tests. */
  constructor(options: HawserOptions, browser: Browser = globalThis as unknown as Browser) {
    this.#options = options
    this.#place = { browser, host: hostFrom(options.host) }
  }

  /**
   * Lets the person sign in at the provider, in a window of its own. Call it directly inside a click. Resolves with the connection; rejects with a
   * HawserError, or your signal's reason. While it runs, another call for the same integration shows the window again and returns the same promise;
   * its options are not read.
   */
  connect(integration: string, options: ConnectOptions = {}): Promise<Connected> {
    if (!this.#options.connectSessionToken) return Promise.reject(noToken('missing_auth_token'))
    const running = this.#running.get(integration)
    if (running) {
      running.attempt.again()
      return running.attempt.promise
    }
    const { place, stop, ...rest } = { place: this.#place, stop: new this.#place.browser.AbortController(), ...this.#options }
    const onAbort = () => stop.abort(options.signal?.reason)
    if (options.signal?.aborted) onAbort()
    options.signal?.addEventListener('abort', onAbort)
    const attempt = signIn({ ...rest, place, integration, token: () => this.#token(), options: { ...options, signal: stop.signal } })
    this.#running.set(integration, { stop, attempt })
    const forget = () => {
      this.#running.delete(integration)
      options.signal?.removeEventListener('abort', onAbort)
    }
    attempt.promise.then(forget, forget)
    return attempt.promise
  }

  /** As the stock client has it: a window, or, if credentials are given, a call that sends them. */
  auth(integration: string, options: AuthOptions = {}): Promise<Connected> {
    if (needsPopup(options)) return this.connect(integration, options as ConnectOptions)
    return this.#token().then((token) => sendCredentials(this.#place, integration, token, options))
  }

  /** Renews a connection; your backend has created the session with `createReconnectSession`. */
  reconnect(integration: string, options: AuthOptions = {}): Promise<Connected> {
    if (!this.#options.connectSessionToken) return Promise.reject(noToken('missing_connect_session_token'))
    return this.auth(integration, options)
  }

  /** For providers that ask nobody to sign in. */
  async create(integration: string, options: Pick<AuthOptions, 'params' | 'signal'> = {}): Promise<Connected> {
    return createWithout(this.#place, integration, await this.#token(), options)
  }

  /** Like `connect`, in this window: the page is left, and the person comes back to the session's `return_url`. */
  async redirect(integration: string, options: RedirectOptions = {}): Promise<never> {
    return leaveForProvider(this.#place, integration, await this.#token(), options)
  }

  /**
   * Call it on the page of the session's `return_url`. undefined: nobody left from this tab, or came back without having finished. Rejects with how
   * the sign-in failed. Needs no token.
   */
  resultOfRedirect(): Promise<Connected | undefined> {
    return resultAfterReturn(this.#place)
  }

  /** Opens the hosted connect page over this one. Events tell what happens in it. */
  openConnectUI(props: ConnectUIProps = {}): ConnectUI {
    const token = this.#options.connectSessionToken
    const ui = createConnectUI(this.#place.browser, {
      ...(props.baseURL === undefined ? { host: this.#place.host } : {}),
      ...(typeof token === 'string' ? { sessionToken: token } : {}),
      ...props,
    })
    ui.open()
    if (typeof token !== 'function' || props.sessionToken !== undefined) return ui
    this.#token().then(ui.setSessionToken, (error: HawserError) => {
      ui.close()
      props.onEvent?.({ type: 'error', payload: { errorType: error.code, errorMessage: error.message } })
      props.onEvent?.({ type: 'close' })
    })
    return ui
  }

  /** Ends all sign-ins that are under way, and closes their windows. Their promises reject with an `AbortError`. */
  clear(): void {
    for (const { stop } of this.#running.values()) stop.abort()
  }

  async #token(): Promise<string> {
    const { connectSessionToken: given } = this.#options
    if (!given) throw noToken('missing_auth_token')
    if (typeof given === 'string') return given
    try {
      const token = await given()
      if (token) return token
    } catch (error) {
      throw new HawserError('unknown_error', 'The connect session’s token could not be fetched from your backend.', { cause: error })
    }
    throw noToken('missing_auth_token')
  }
}

function noToken(code: ClientErrorCode): HawserError {
  return new HawserError(code, 'Give the token of a connect session as connectSessionToken.')
}
