import { sessionOf } from '../data/session.ts'
import type { Incoming } from '../incoming.ts'
import { isId18, sameId } from '../ids.ts'
import { json, text, type Reply } from '../reply.ts'
import type { Org, State, User } from '../state.ts'
import { siteServes } from './consumers.ts'
import { identityUrl } from './issue-tokens.ts'

/** Both endpoints refuse with 403 and plain text, which a client that looks for 401 only would miss. */
const badToken = (word: string, status = 403): Reply => text(status, word, 'text/html;charset=UTF-8')

interface Signed {
  org: Org
  user: User
}

/** Valid at the org's own host and at the generic host of its family. */
function signedIn(state: State, incoming: Incoming): Signed | undefined {
  const session = sessionOf(state, incoming.headers, incoming.query.get('oauth_token'))
  if (session === undefined || !siteServes(incoming.site, session.org)) return undefined
  return { org: session.org, user: session.user }
}

/** `GET /services/oauth2/userinfo` (OpenID Connect Core section 5.3) */
export function userinfo(state: State, incoming: Incoming): Reply {
  const signed = signedIn(state, incoming)
  if (signed === undefined) return badToken(hasCredential(incoming) ? 'Bad_OAuth_Token' : 'Missing_OAuth_Token')
  const { org, user } = signed
  return json(200, {
    sub: identityUrl(incoming.site, org, user),
    user_id: user.id,
    organization_id: org.orgId,
    preferred_username: user.username,
    nickname: user.firstName.toLowerCase(),
    name: `${user.firstName} ${user.lastName}`,
    email: user.email,
    email_verified: true,
    given_name: user.firstName,
    family_name: user.lastName,
    zoneinfo: 'Europe/Berlin',
    profile: `${state.origins.org(org.key)}/${user.id}`,
    urls: urlsOf(state, org),
    active: user.active,
    user_type: 'STANDARD',
    language: 'en_US',
    locale: 'en_US',
    utcOffset: 3_600_000,
    updated_at: new Date(org.createdAt).toISOString(),
    is_app_installed: true,
  })
}

/** `GET /id/{org}/{user}` */
export function identity(state: State, incoming: Incoming): Reply {
  const [, , orgId = '', userId = ''] = incoming.path.split('/')
  const signed = signedIn(state, incoming)
  if (signed === undefined) return badToken(hasCredential(incoming) ? 'Bad_OAuth_Token' : 'Missing_OAuth_Token')
  const { org, user } = signed
  if (!isId18(orgId) || !isId18(userId)) return badToken('Bad_Id', 404)
  if (!sameId(orgId, org.orgId)) return badToken('Wrong_Org')
  if (!sameId(userId, user.id)) return badToken('Bad_Id', 404)
  return json(200, {
    id: identityUrl(incoming.site, org, user),
    asserted_user: true,
    user_id: user.id,
    organization_id: org.orgId,
    username: user.username,
    nick_name: user.firstName.toLowerCase(),
    display_name: `${user.firstName} ${user.lastName}`,
    email: user.email,
    email_verified: true,
    first_name: user.firstName,
    last_name: user.lastName,
    timezone: 'Europe/Berlin',
    mobile_phone: null,
    is_lightning_login_user: false,
    status: { created_date: null, body: null },
    urls: urlsOf(state, org),
    active: user.active,
    user_type: 'STANDARD',
    language: 'en_US',
    locale: 'en_US',
    utcOffset: 3_600_000,
    last_modified_date: new Date(org.createdAt).toISOString(),
    is_app_installed: true,
  })
}

function hasCredential(incoming: Incoming): boolean {
  return incoming.headers.authorization !== undefined || incoming.query.has('oauth_token')
}

function urlsOf(state: State, org: Org): Record<string, string> {
  const base = state.origins.org(org.key)
  const data = `${base}/services/data/v{version}`
  return {
    enterprise: `${base}/services/Soap/c/{version}/${org.orgId}`,
    metadata: `${base}/services/Soap/m/{version}/${org.orgId}`,
    partner: `${base}/services/Soap/u/{version}/${org.orgId}`,
    rest: `${data}/`,
    sobjects: `${data}/sobjects/`,
    search: `${data}/search/`,
    query: `${data}/query/`,
    recent: `${data}/recent/`,
    tooling_soap: `${base}/services/Soap/T/{version}/${org.orgId}`,
    tooling_rest: `${data}/tooling/`,
    custom_domain: base,
  }
}
