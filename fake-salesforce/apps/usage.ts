import { restErrors } from '../error-table.ts'
import { assertMethod, type Call } from '../data/call.ts'
import { refuseRest } from '../data/rest-refusal.ts'
import { salesforceTime } from '../data/times.ts'
import { sameId } from '../ids.ts'
import { apiNameOf } from '../orgs/add-app.ts'
import { killGrant } from '../orgs/end-access.ts'
import { empty, json, type Reply } from '../reply.ts'
import type { App, Grant } from '../state.ts'
import { appOfPath, appRecordId, appsOfOrg, versionOf } from './app-identifier.ts'

const PAGE_SIZE = 100

/**
 * `/apps/oauth/usage` (Connect REST API, since 59.0): who uses which app, and the end of that. `segments` starts after `usage`. The shape of
 * the list of apps is documented (V); what users and tokens look like beyond their ids is a guess.
 */
export function oauthUsage(call: Call, segments: string[]): Reply {
  if (versionOf(call) < 59) throw refuseRest(restErrors.notFound)
  const [first, second, third, ...rest] = segments
  if (rest.length > 0) throw refuseRest(restErrors.notFound)
  if (first === undefined) return listApps(call)
  if (first === 'tokens' && second !== undefined && third === undefined)
    return deleteTokens(call, (grant) => sameId(grant.id, second), true)
  const app = appOfPath(call, first)
  if (second === 'users' && third === undefined) return listUsers(call, app)
  if (second === 'tokens' && third === undefined) return deleteTokens(call, (grant) => grant.app === app, false)
  if (second !== undefined && third === 'tokens') return listTokens(call, app, second)
  throw refuseRest(restErrors.notFound)
}

function grantsOf(call: Call, app: App): Grant[] {
  return [...call.state.grants.values()].filter((grant) => grant.app === app && grant.orgKey === call.org.key)
}

function listApps(call: Call): Reply {
  assertMethod(call, 'GET')
  return paged(call, 'apps', appsOfOrg(call), (app) => ({
    developerName: apiNameOf(app),
    identifier: appRecordId(app, 'app'),
    label: app.label,
    type: app.type === 'eca' ? 'ExternalClientApp' : 'ConnectedApp',
    usersUrl: `${call.base}/apps/oauth/usage/${appRecordId(app, 'app')}/users`,
  }))
}

function listUsers(call: Call, app: App): Reply {
  assertMethod(call, 'GET')
  const names = [...new Set(grantsOf(call, app).map((grant) => grant.username))]
  return paged(call, 'users', names, (username) => {
    const user = call.state.users.get(username)
    return {
      id: user?.id ?? null,
      name: `${user?.firstName} ${user?.lastName}`,
      username,
      tokensUrl: `${call.base}/apps/oauth/usage/${appRecordId(app, 'app')}/${user?.id}/tokens`,
    }
  })
}

function listTokens(call: Call, app: App, userId: string): Reply {
  assertMethod(call, 'GET')
  const user = [...call.state.users.values()].find((one) => one.orgKey === call.org.key && sameId(one.id, userId))
  if (user === undefined) throw refuseRest(restErrors.notFound)
  const own = grantsOf(call, app).filter((grant) => grant.username === user.username)
  return paged(call, 'tokens', own, (grant) => ({
    id: grant.id,
    createdDate: salesforceTime(grant.createdAt),
    lastUsedDate: salesforceTime(grant.lastUsedAt),
    useCount: grant.useCount,
    url: `${call.base}/apps/oauth/usage/tokens/${grant.id}`,
  }))
}

function deleteTokens(call: Call, chosen: (grant: Grant) => boolean, mustExist: boolean): Reply {
  assertMethod(call, 'DELETE')
  if (!call.user.permissions.manageUsers) throw refuseRest(restErrors.insufficientAccess)
  const grants = [...call.state.grants.values()].filter((grant) => grant.orgKey === call.org.key && chosen(grant))
  if (mustExist && grants.length === 0) throw refuseRest(restErrors.notFound)
  for (const grant of grants) killGrant(call.state, grant)
  return empty(204)
}

function paged<One>(call: Call, name: string, all: One[], shown: (one: One) => unknown): Reply {
  const page = wholeNumber(call.query.get('page'), 0)
  const size = Math.min(PAGE_SIZE, Math.max(1, wholeNumber(call.query.get('pageSize'), PAGE_SIZE)))
  const path = `${call.base}/${call.segments.join('/')}`
  const urlOf = (number: number): string => `${path}?page=${number}&pageSize=${size}`
  const more = (page + 1) * size < all.length
  return json(200, {
    [name]: all.slice(page * size, (page + 1) * size).map(shown),
    currentPageUrl: urlOf(page),
    nextPageUrl: more ? urlOf(page + 1) : null,
  })
}

function wholeNumber(text: string | null, fallback: number): number {
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) : fallback
}
