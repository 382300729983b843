import { oauthErrors } from '../error-table.ts'
import type { Incoming } from '../incoming.ts'
import type { Site } from '../site.ts'
import { isSandboxFamily, type App, type Consumer, type Org, type State } from '../state.ts'
import { isUsable } from '../orgs/add-app.ts'
import { refuse } from './refusal.ts'

export interface KnownConsumer {
  app: App
  consumer: Consumer
}

/** Orgs whose users can log in at this site. */
export function orgsAt(state: State, site: Site): Org[] {
  if (site.role === 'org' && site.org !== null) return [site.org]
  if (site.role !== 'login' && site.role !== 'test') return []
  return [...state.orgs.values()].filter((org) => isSandboxFamily(org) === (site.role === 'test'))
}

/** True when the site may act for the org: its own host, or the generic host of its family unless its policy forbids that. */
export function siteServes(site: Site, org: Org): boolean {
  if (site.role === 'org') return site.org?.key === org.key
  if (site.role !== 'login' && site.role !== 'test') return false
  return !org.preventGenericLogin && isSandboxFamily(org) === (site.role === 'test')
}

/**
 * The app with this key, if this site knows it. A Local app lives in the database of its org's family: a key made in a sandbox is
 * unknown at login.salesforce.com. Packaged and connected apps of production orgs are known everywhere.
 */
export function consumerAt(state: State, site: Site, clientId: string): KnownConsumer | undefined {
  const sandboxSite = site.role === 'test' || (site.role === 'org' && site.org !== null && isSandboxFamily(site.org))
  let found: KnownConsumer | undefined
  for (const app of state.apps.values()) {
    const consumer = app.consumers.find((one) => one.key === clientId && isUsable(state, one))
    const owner = state.orgs.get(app.orgKey)
    if (consumer === undefined || owner === undefined || app.deleted || state.clock.now() < app.propagationUntil) continue
    const everywhere = (app.type === 'ca' || app.distribution === 'Packaged') && !isSandboxFamily(owner)
    if (!everywhere && isSandboxFamily(owner) !== sandboxSite && site.org?.key !== owner.key) continue
    // After a sandbox copy two orgs hold one key: the site's own app answers.
    if (found === undefined || site.org?.key === owner.key) found = { app, consumer }
  }
  return found
}

function basicCredentials(header: string | undefined): { id: string; secret: string } | undefined {
  const match = /^basic\s+([A-Za-z0-9+/=_-]+)$/i.exec(header ?? '')
  if (match?.[1] === undefined) return undefined
  const decoded = Buffer.from(match[1], 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  return colon < 0 ? undefined : { id: decoded.slice(0, colon), secret: decoded.slice(colon + 1) }
}

/**
 * The app that calls a token endpoint, by HTTP Basic or body. A secret that is sent must be right even when none is required.
 * Stops with `invalid_client_id` or `invalid_client`.
 */
export function authenticatedConsumer(
  state: State,
  incoming: Incoming,
  form: URLSearchParams,
  secretRequired: (app: App) => boolean,
): KnownConsumer {
  const basic = basicCredentials(incoming.headers.authorization)
  const known = consumerAt(state, incoming.site, basic?.id ?? form.get('client_id') ?? '')
  if (known === undefined) throw refuse(oauthErrors.unknownClient)
  const secret = basic?.secret ?? form.get('client_secret') ?? ''
  const right = secret === known.consumer.secret
  if (secret === '' ? secretRequired(known.app) : !right) throw refuse(oauthErrors.wrongSecret)
  return known
}
