/** What the proxy needs of the other slices, as functions. */
import type { IncomingMessage } from 'node:http'
import type { createAccounts } from '#accounts/compose-accounts.ts'
import type { createActivitySlice } from '#activity/compose-activity.ts'
import type { Audit } from '#audit/record-disclosure.ts'
import { authModeNamed } from '#auth-modes/all.ts'
import type { ComposedConnections } from '#connections/compose-connections.ts'
import type { Freeze } from '#freeze/compose-freeze.ts'
import type { createAuthenticator } from '#http/authenticate.ts'
import type { createBudgets } from '#http/budgets.ts'
import type { ApiUsageGauge } from '#orgs/api-usage.ts'
import type { createProxy } from '#proxy/proxy.ts'
import { quirkOf } from '#quirks/all.ts'
import type { Kit } from './kit.ts'

interface Slices {
  authenticator: Pick<ReturnType<typeof createAuthenticator>, 'key'>
  budgets: Pick<ReturnType<typeof createBudgets>, 'places'>
  accounts: Pick<ReturnType<typeof createAccounts>, 'connectionCallers'>
  connections: ComposedConnections
  freeze: Freeze
  audit: Audit
  usage: ApiUsageGauge
  activity: ReturnType<typeof createActivitySlice>
  /** Of the client, behind trusted proxies. */
  addressOf: (request: IncomingMessage) => string
}

export function proxyDeps(kit: Kit, slices: Slices): Parameters<typeof createProxy>[0] {
  const { authenticator, budgets, accounts, connections, freeze, audit, usage, activity, addressOf } = slices
  const { config } = kit
  return {
    kit,
    authenticate: {
      key: (secret, request) => authenticator.key(secret, addressOf(request)),
      connection: (bearer, request) => accounts.connectionCallers.of(bearer, addressOf(request)),
    },
    connections,
    stopped: freeze.stopped,
    authModes: authModeNamed,
    isRefreshable: (provider, status, contentType, bodyText) => quirkOf(provider).isRefreshable(status, contentType, bodyText),
    audit: {
      used: (keyId, use, request) => audit.used({ keyId, ...use, method: request.method ?? '', address: addressOf(request) }),
    },
    noteApiUsage: usage.note,
    activity,
    places: budgets.places,
    publicUrl: config.publicUrl,
    gatewayUrl: config.gatewayHost ? `https://${config.gatewayHost}` : undefined,
    settings: { deadlineMs: config.proxyDeadlineMs },
  }
}
