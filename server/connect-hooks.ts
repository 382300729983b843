/** What the sign-in needs of the other slices, as functions. */
import type { IncomingMessage } from 'node:http'
import type { createAccounts } from '#accounts/compose-accounts.ts'
import type { createActivitySlice } from '#activity/compose-activity.ts'
import type { Audit } from '#audit/record-disclosure.ts'
import type { createConnect } from '#connect/compose-connect.ts'
import type { ComposedConnections } from '#connections/compose-connections.ts'
import type { createEvents } from '#events/compose-events.ts'
import type { Freeze } from '#freeze/compose-freeze.ts'
import type { createAuthenticator } from '#http/authenticate.ts'
import type { createIntegrations } from '#integrations/compose-integrations.ts'
import type { ApiUsageGauge } from '#orgs/api-usage.ts'
import { orgRulesOf } from '#orgs/store.ts'
import type { Kit } from './kit.ts'

interface Slices {
  authenticator: Pick<ReturnType<typeof createAuthenticator>, 'session'>
  accounts: Pick<ReturnType<typeof createAccounts>, 'callbackUrlOf'>
  connections: ComposedConnections
  integrations: ReturnType<typeof createIntegrations>
  freeze: Freeze
  audit: Audit
  usage: ApiUsageGauge
  events: ReturnType<typeof createEvents>
  activity: ReturnType<typeof createActivitySlice>
  /** Of the client, behind trusted proxies. */
  addressOf: (request: IncomingMessage) => string
}

export function connectDeps(kit: Kit, slices: Slices): Parameters<typeof createConnect>[0] {
  const { authenticator, accounts, connections, integrations, freeze, audit, usage, events, activity, addressOf } = slices
  return {
    kit,
    connections,
    addressOf,
    findIntegration: freeze.signIns(integrations.find),
    clientOf: (integration, oauthClientId) => integrations.clientOf(integration.id, oauthClientId),
    callbackUrlOf: accounts.callbackUrlOf,
    authenticateSession: authenticator.session,
    recordChange: audit.changed,
    orgRulesOf: (integrationId) => orgRulesOf(kit.db.kysely, integrationId),
    noteApiUsage: usage.note,
    issueEvents: events,
    activity,
  }
}
