/** What connections need of the catalogue's modes and quirks, as functions. */
import { fail } from '@hawser/api/errors.ts'
import type { Audit } from '#audit/record-disclosure.ts'
import { authModeNamed } from '#auth-modes/all.ts'
import type { ConnectionHooks } from '#connections/compose-connections.ts'
import type { Events } from '#events/compose-events.ts'
import { revocationUrl, revokeToken } from '#oauth/revocation.ts'
import type { ApiUsageGauge } from '#orgs/api-usage.ts'
import { mayReceiveTokens } from '#providers/token-hosts.ts'
import { quirkOf } from '#quirks/all.ts'
import type { Spool } from '#vault/spool.ts'
import type { Kit } from './kit.ts'
import { confirmingImports } from './org-hooks.ts'

const REVOCATION_TIMEOUT_MS = 20_000

export function connectionHooks(kit: Kit, given: { audit: Audit; events: Events; spool: Spool; usage: ApiUsageGauge }): ConnectionHooks {
  return {
    audit: given.audit,
    spool: given.spool,
    recordEvent: given.events.recordAuthEvent,
    recordOwnEvent: given.events.recordOwnEvent,
    authMode(name) {
      const mode = authModeNamed(name)
      if (!mode) throw fail('invalid_auth_mode', { message: `This server does not speak the auth mode ${name} yet.` })
      return mode
    },
    readTokenExtras(provider, raw) {
      const extras = quirkOf(provider).readTokenAnswer({ provider, raw, phase: 'refresh' })
      if (!extras.ok) throw fail(extras.code, { message: extras.message })
      return { connectionConfig: extras.connectionConfig }
    },
    instanceHostAllowed: (provider, instanceUrl) =>
      URL.canParse(instanceUrl) && mayReceiveTokens(provider, new URL(instanceUrl), undefined),
    confirmImport: confirmingImports(kit, { usage: given.usage, issueEvents: given.events }),
    apiUsageOf: given.usage.read,
    revocationOf(provider, connectionConfig) {
      const url = revocationUrl(provider, connectionConfig)
      return url === undefined ? undefined : { url, endsOnlyItself: provider.family === 'salesforce' }
    },
    revokeToken: ({ url, token, client }) => revokeToken({ egress: kit.egress, url, token, client, timeoutMs: REVOCATION_TIMEOUT_MS }),
  }
}
