import { describe, expect, it } from 'vitest'
import type { RefreshInput } from '#auth-modes/auth-mode.ts'
import type { TokenOutcome } from '#oauth/token-response.ts'
import { refreshElsewhere } from './refresh-elsewhere.ts'
import { failed, refused } from './token-endpoint-for-tests.ts'

const good: TokenOutcome = { ok: true, tokens: { access_token: 'new', raw: {} } }
const noRoute = failed({ status: 420, bodyKind: 'html' })
const config = { instance_url: 'https://old--uat.sandbox.my.salesforce.com', org_id: 'o' }

async function asked(
  outcomes: TokenOutcome[],
  family: string | undefined = 'salesforce',
  connectionConfig: Record<string, unknown> = config,
) {
  const configs: unknown[] = []
  const mode = {
    refresh: async (input: RefreshInput) => {
      configs.push(input.connectionConfig)
      return outcomes[configs.length - 1]!
    },
  }
  const input = { provider: { family }, connectionConfig, timeoutMs: 1_000 } as unknown as RefreshInput
  return { outcome: await refreshElsewhere(mode, input, () => 0), configs }
}

describe('refreshElsewhere', () => {
  it.each([
    ['without a route', noRoute],
    ['without a name', failed({ network: 'dns', sent: false })],
  ])('asks the login host about a host %s', async (_name, first) => {
    expect(await asked([first, good])).toEqual({ outcome: good, configs: [config, { org_id: 'o' }] })
  })

  it('does not believe a refusal there', async () => {
    expect((await asked([noRoute, refused('invalid_grant')])).outcome).toBe(noRoute)
    expect((await asked([noRoute, failed({ status: 503, bodyKind: 'html' })])).outcome).toBe(noRoute)
  })

  it('tells of a request there whose outcome is unknown', async () => {
    for (const lost of [failed({ network: 'reset' }), failed({ status: 502, bodyKind: 'html' })]) {
      expect((await asked([noRoute, lost])).outcome).toBe(lost)
    }
  })

  it.each([
    ['a success', good, 'salesforce', config],
    ['a refusal', refused('invalid_grant'), 'salesforce', config],
    ['an outage', failed({ status: 503, bodyKind: 'html' }), 'salesforce', config],
    ['a request that may have arrived', failed({ network: 'timeout' }), 'salesforce', config],
    ['another vendor', noRoute, undefined, config],
    ['a connection without an address', noRoute, 'salesforce', {}],
  ])('asks once after %s', async (_name, first, family, connectionConfig) => {
    const { outcome, configs } = await asked([first, good], family ?? '', connectionConfig)
    expect([outcome, configs.length]).toEqual([first, 1])
  })
})
