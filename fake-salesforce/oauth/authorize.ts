import { oauthErrors, pageErrors, type OauthError, type PageError } from '../error-table.ts'
import type { Incoming } from '../incoming.ts'
import { isAdmitted, isBlocked } from '../orgs/app-access.ts'
import { forgetExpired } from '../orgs/forget-expired.ts'
import { loginIpAllowed } from '../orgs/ip.ts'
import { orgByKey } from '../orgs/add-org.ts'
import { consentPage } from '../pages/consent-page.ts'
import { oauthErrorPage, plainPage } from '../pages/error-page.ts'
import { html, redirect, replyOf, Stopped, type Reply } from '../reply.ts'
import type { App, Consumer, PendingConsent, State, User } from '../state.ts'
import { consumerAt } from './consumers.ts'
import { browserUser } from './browser-user.ts'
import { callbackUrl, type Back } from './callback-url.ts'
import { decide } from './decide.ts'
import { grantedScope } from './scopes.ts'

const CONSENT_LIVES_MS = 15 * 60_000

/** `GET /services/oauth2/authorize`: the checks stand in the order in which Salesforce makes them. */
export function authorize(state: State, incoming: Incoming): Reply {
  return replyOf(() => {
    const asked = incoming.query
    assertMethodAndResponseType(state, incoming)
    assertGenericLoginAllowed(state, incoming)
    const { app, consumer } = knownApp(state, incoming)
    const redirectUri = knownRedirect(state, app, asked)
    const back = { redirectUri, state: asked.get('state') }
    const next = state.nextAnswers.authorize.shift()
    if (next !== undefined) throw backTo(back, { ...next, confidence: '?' })
    const challenge = codeChallenge(app, asked, back)
    const scope = grantedScope(app, asked.get('scope'))
    if (scope === undefined) throw backTo(back, oauthErrors.invalidScope)
    const candidates = loggedIn(state, incoming, app, back)
    const user = candidates[0]
    assertAppUsable(incoming, app, user)
    forgetExpired(state)
    const pending: PendingConsent = {
      ticket: state.random(24).toString('base64url'),
      app,
      consumer,
      candidates: candidates.map((one) => one.username),
      scope,
      challenge,
      nonce: asked.get('nonce'),
      expiresAt: state.clock.now() + CONSENT_LIVES_MS,
      ...back,
    }
    return consent(state, asked, pending, user)
  })
}

function backTo(back: Back, entry: OauthError): Stopped {
  return new Stopped(redirect(callbackUrl(back, { error: entry.error, error_description: entry.description })))
}

function onPage(state: State, entry: OauthError): Stopped {
  return new Stopped(html(400, oauthErrorPage(state, entry.error, entry.description)))
}

function assertMethodAndResponseType(state: State, incoming: Incoming): void {
  if (incoming.method !== 'GET') throw onPage(state, oauthErrors.mustGet)
  if (incoming.query.get('response_type') !== 'code') throw onPage(state, oauthErrors.unsupportedResponseType)
}

function assertGenericLoginAllowed(state: State, incoming: Incoming): void {
  if (incoming.site.role === 'org') return
  const key = incoming.query.get('client_id')
  const typed = state.browser.username === null ? undefined : state.users.get(state.browser.username)
  const owner = [...state.apps.values()].find((app) => app.consumers.some((consumer) => consumer.key === key))
  const org = state.orgs.get(typed?.orgKey ?? state.browser.orgKey ?? owner?.orgKey ?? '')
  if (org?.preventGenericLogin !== true) return
  const sentence = 'Restricted Domain. Log in at the My Domain address of your organization.'
  throw new Stopped(html(200, plainPage(state, 'Restricted Domain', sentence)))
}

function knownApp(state: State, incoming: Incoming): { app: App; consumer: Consumer } {
  const known = consumerAt(state, incoming.site, incoming.query.get('client_id') ?? '')
  if (known === undefined) throw onPage(state, oauthErrors.unknownClient)
  return known
}

function knownRedirect(state: State, app: App, asked: URLSearchParams): string {
  const redirectUri = asked.get('redirect_uri')
  if (redirectUri === null || redirectUri === '') throw onPage(state, oauthErrors.redirectMissing)
  if (redirectUri.startsWith('urn:ietf:wg:oauth:2.0:oob')) throw onPage(state, oauthErrors.outOfBand)
  if (!app.callbackUrls.includes(redirectUri)) throw onPage(state, oauthErrors.redirectMismatch)
  return redirectUri
}

function codeChallenge(app: App, asked: URLSearchParams, back: Back): string | null {
  const challenge = asked.get('code_challenge')
  if (challenge === null && app.flags.pkceRequired) throw backTo(back, oauthErrors.challengeMissing)
  // Without a method S256 is meant, not `plain`: jsforce and the sf CLI leave it out.
  const method = asked.get('code_challenge_method')
  if (method !== null && method !== 'S256') throw backTo(back, oauthErrors.challengeMethod)
  return challenge
}

function loggedIn(state: State, incoming: Incoming, app: App, back: Back): [User, ...User[]] {
  const [user, ...others] = browserUser(state, incoming.site, app, incoming.query)
  if (user === undefined) {
    const sentence = 'Please check your username and password. No such user can log in at this address.'
    throw new Stopped(html(200, plainPage(state, 'Log in failed', sentence)))
  }
  const org = orgByKey(state, user.orgKey)
  if (org.locked || org.deleted) throw backTo(back, oauthErrors.inactiveOrgAtLogin)
  if (!user.active) throw backTo(back, oauthErrors.inactiveUserAtLogin)
  if (!loginIpAllowed(app, org, user, incoming.clientAddress)) throw backTo(back, oauthErrors.ipAtLogin)
  return [user, ...others]
}

/** Salesforce's error page; none of these errors ever reaches the callback. */
function errorPage(origin: string, entry: PageError): Stopped {
  const query = new URLSearchParams({ error: entry.error, error_description: entry.description })
  return new Stopped(redirect(`${origin}/setup/secur/RemoteAccessErrorPage.apexp?${query}`))
}

function assertAppUsable(incoming: Incoming, app: App, user: User): void {
  const { origin } = incoming.site
  const installed = app.orgKey === user.orgKey || app.installedIn.includes(user.orgKey)
  if (isBlocked(app)) throw errorPage(origin, pageErrors.blocked)
  if (app.type === 'eca' && app.distribution === 'Local' && app.orgKey !== user.orgKey) throw errorPage(origin, pageErrors.crossOrg)
  // A package's own org has to install it as well.
  const packagedHere = app.distribution === 'Packaged' ? app.installedIn.includes(user.orgKey) : installed
  if (app.type === 'eca' && !packagedHere) throw errorPage(origin, pageErrors.ecaNotFound)
  if (app.type === 'ca' && !installed && !user.approveUninstalled) throw errorPage(origin, pageErrors.notInstalled)
  if (!isAdmitted(app, user)) throw errorPage(origin, pageErrors.accessDenied)
}

function consent(state: State, asked: URLSearchParams, pending: PendingConsent, user: User): Reply {
  const prompt = (asked.get('prompt') ?? '').split(' ')
  const approved = [...state.grants.values()].some((grant) => grant.app === pending.app && grant.username === user.username)
  const { decision } = state.browser
  if (decision !== 'ask') return decide(state, pending, user.username, decision)
  if (approved && pending.candidates.length === 1 && !prompt.includes('consent')) return decide(state, pending, user.username, 'allow')
  if (asked.get('immediate') === 'true') throw backTo(pending, oauthErrors.immediateUnsuccessful)
  state.pending.set(pending.ticket, pending)
  // Chrome applies form-action to the redirect that follows, too. A custom scheme has no origin of its own.
  const callback = new URL(pending.redirectUri)
  const target = callback.origin === 'null' ? callback.protocol : callback.origin
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action 'self' ${target}`
  return html(200, consentPage(state, pending), { 'content-security-policy': policy })
}
