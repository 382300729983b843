import { describe, expect, it } from 'vitest'
import type { OrgIdOfHost } from '#orgs/org-id-of-host.ts'
import type { Provider } from '#providers/provider.ts'
import type { StoredConnection } from './connection.ts'
import { createSandboxWatch } from './sandbox-watch.ts'

const OLD = '00D5g000004abCdEAI'
const NEW = '00D5g000004abCeEAI'
const URL_OF_SANDBOX = 'https://acme--uat.sandbox.my.salesforce.com'
const salesforce = { name: 'salesforce-sandbox', family: 'salesforce' } as Provider

const connectionAt = (instanceUrl: string, orgId: string = OLD): StoredConnection =>
  ({ environmentId: 'e', connectionConfig: { org_id: orgId, instance_url: instanceUrl } }) as unknown as StoredConnection

function watchOf(answer: OrgIdOfHost | Error, inProduction?: string | Error) {
  const clock = { ms: 0, now: () => clock.ms }
  const asked = { host: 0, production: 0 }
  const state = { answer }
  const watch = createSandboxWatch({
    clock,
    orgIdOfHost: async () => {
      asked.host++
      if (state.answer instanceof Error) throw state.answer
      return state.answer
    },
    orgIdInProduction: async () => {
      asked.production++
      if (inProduction instanceof Error) throw inProduction
      return inProduction
    },
  })
  return { watch, asked, clock, state, look: (orgId?: string) => watch.lookBehind(connectionAt(URL_OF_SANDBOX, orgId), salesforce) }
}

describe('lookBehind', () => {
  it('finds another org by what the host tells', async () => {
    const { look, asked } = watchOf({ ok: true, orgId: NEW })
    expect(await look()).toEqual({
      kind: 'refreshed',
      refresh: { environmentId: 'e', instanceUrl: URL_OF_SANDBOX, newOrgId: NEW, basis: 'host' },
    })
    expect(asked.production).toBe(0)
  })

  it('takes 15 and 18 characters of one id for the same org', async () => {
    expect(await watchOf({ ok: true, orgId: OLD }).look(OLD.slice(0, 15))).toEqual({ kind: 'same' })
  })

  it.each([
    ['production', 'https://acme.my.salesforce.com', OLD, salesforce],
    ['a Developer Edition', 'https://acme-dev-ed.develop.my.salesforce.com', OLD, salesforce],
    ['a host of many orgs', 'https://cs42.salesforce.com', OLD, salesforce],
    ['an id that is none', URL_OF_SANDBOX, 'nonsense', salesforce],
    ['another vendor', URL_OF_SANDBOX, OLD, { name: 'crm' } as Provider],
  ])('asks nothing for %s', async (_name, url, orgId, provider) => {
    const { watch, asked } = watchOf({ ok: true, orgId: NEW })
    expect(await watch.lookBehind(connectionAt(url, orgId), provider)).toEqual({ kind: 'not-asked' })
    expect(asked).toEqual({ host: 0, production: 0 })
  })

  it('waits for a host that does not answer, and asks nobody else then', async () => {
    const { look, asked } = watchOf({ ok: false, reason: 'unreachable' }, NEW)
    expect(await look()).toEqual({ kind: 'away' })
    expect(asked.production).toBe(0)
    expect(await watchOf(new Error('boom')).look()).toEqual({ kind: 'away' })
  })

  it.each([
    [NEW, { kind: 'refreshed', refresh: { environmentId: 'e', instanceUrl: URL_OF_SANDBOX, newOrgId: NEW, basis: 'production' } }],
    [OLD, { kind: 'same' }],
    [undefined, { kind: 'not-told' }],
    [new Error('INVALID_TYPE'), { kind: 'not-told' }],
  ])('asks the production org where the host does not tell: %s', async (inProduction, expected) => {
    expect(await watchOf({ ok: false, reason: 'not_told' }, inProduction).look()).toEqual(expected)
  })

  it('asks a host once a minute for a storm of failures, but does not trust "nothing changed" for long', async () => {
    const changed = watchOf({ ok: true, orgId: NEW })
    await Promise.all(Array.from({ length: 100 }, () => changed.look()))
    changed.clock.ms = 59_000
    await changed.look()
    expect(changed.asked.host).toBe(1)
    changed.clock.ms = 61_000
    await changed.look()
    expect(changed.asked.host).toBe(2)

    const same = watchOf({ ok: true, orgId: OLD })
    await Promise.all(Array.from({ length: 100 }, () => same.look()))
    expect(same.asked.host).toBe(1)
    same.state.answer = { ok: true, orgId: NEW }
    same.clock.ms = 6_000
    expect((await same.look()).kind).toBe('refreshed')
  })
})
