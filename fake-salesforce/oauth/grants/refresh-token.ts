import { oauthErrors } from '../../error-table.ts'
import type { Incoming } from '../../incoming.ts'
import { killGrant } from '../../orgs/end-access.ts'
import { isAdmitted, isBlocked } from '../../orgs/app-access.ts'
import { ipAllowed, loginIpAllowed } from '../../orgs/ip.ts'
import { orgByKey } from '../../orgs/add-org.ts'
import { userByName } from '../../orgs/add-user.ts'
import type { App, AppPolicy, Grant, State } from '../../state.ts'
import { authenticatedConsumer, siteServes } from '../consumers.ts'
import { issueTokens, newRefreshToken } from '../issue-tokens.ts'
import { refuse } from '../refusal.ts'
import type { GrantType } from '../grant-type.ts'

const DAY = 24 * 3_600_000
const UNIT_MS: Record<AppPolicy['rtUnit'], number> = { Hours: 3_600_000, Days: DAY, Months: 30 * DAY }

/** RFC 6749 section 6. A surplus `code_verifier`, which jsforce sends, is ignored. */
export const refreshToken: GrantType = (state, incoming, form) => {
  const { app, consumer } = authenticatedConsumer(state, incoming, form, (one) => one.flags.secretRequiredRefresh)
  const grant = currentGrant(state, incoming, app, form.get('refresh_token') ?? '')
  assertStillValid(state, grant)
  assertUserAndAddress(state, incoming, grant)
  grant.lastUsedAt = state.clock.now()
  grant.useCount += 1
  if (app.flags.rotation && grant.refreshToken !== null) {
    grant.previous.add(grant.refreshToken)
    grant.refreshToken = newRefreshToken(state)
  }
  const fields = issueTokens(state, { site: incoming.site, grant, consumer, withRefreshToken: app.flags.rotation })
  if (state.knobs.dropAfterSend === 0) return { fields }
  state.knobs.dropAfterSend -= 1
  return { fields, cut: true }
}

/** The grant whose current token this is. A rotated one kills its whole family: somebody has stolen or lost one of the two. */
function currentGrant(state: State, incoming: Incoming, app: App, value: string): Grant {
  for (const grant of state.grants.values()) {
    if (grant.app !== app) continue
    if (app.flags.rotation && grant.previous.has(value)) {
      if (app.flags.reuseKillsFamily) killGrant(state, grant)
      break
    }
    if (grant.refreshToken === value && siteServes(incoming.site, orgByKey(state, grant.orgKey))) return grant
  }
  throw refuse(oauthErrors.expiredToken)
}

/** Lifetime counts from the authorization, inactivity from the last refresh. */
function assertStillValid(state: State, grant: Grant): void {
  const { policy, flags } = grant.app
  const now = state.clock.now()
  const period = policy.rtPeriod * UNIT_MS[policy.rtUnit]
  if (policy.rtPolicy === 'Zero') throw refuse(oauthErrors.expiredToken)
  if (policy.rtPolicy === 'SpecificLifetime' && now - grant.createdAt > period) throw refuse(oauthErrors.validityExpired)
  const idle = now - grant.lastUsedAt
  if (policy.rtPolicy === 'SpecificInactivity' && idle > period) throw refuse(oauthErrors.expiredToken)
  if (flags.enforceTtl30d && idle > 30 * DAY) throw refuse(oauthErrors.expiredToken)
}

function assertUserAndAddress(state: State, incoming: Incoming, grant: Grant): void {
  const { app } = grant
  const user = userByName(state, grant.username)
  const org = orgByKey(state, grant.orgKey)
  if (org.locked || org.deleted) throw refuse(oauthErrors.inactiveOrg)
  if (!user.active) throw refuse(oauthErrors.inactiveUser)
  if (isBlocked(app) || !isAdmitted(app, user)) throw refuse(oauthErrors.noAppAccess)
  if (!ipAllowed(app.tokenIpRanges, incoming.clientAddress)) throw refuse(oauthErrors.ipRestricted)
  const relaxed = app.policy.ipRelaxation === 'Enforce_RelaxRefresh'
  if (!relaxed && !loginIpAllowed(app, org, user, incoming.clientAddress)) throw refuse(oauthErrors.ipRestricted)
}
