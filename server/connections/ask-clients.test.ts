import { describe, expect, it } from 'vitest'
import type { LoadedClient } from '#integrations/oauth-client.ts'
import type { TokenOutcome } from '#oauth/token-response.ts'
import { askClients } from './ask-clients.ts'

const client = (id: string): LoadedClient => ({ id, own: false, clientId: id, clientSecret: undefined })
const good: TokenOutcome = { ok: true, tokens: { access_token: 'at', raw: {} } }
const refused = (error: string, status = 400): TokenOutcome => ({ ok: false, failure: { status, error, sent: true, bodyKind: 'json' } })
const lost: TokenOutcome = { ok: false, failure: { network: 'reset', sent: true, bodyKind: 'none' } }

async function ask(answers: Record<string, TokenOutcome>, mintedBy: string | undefined, tookMs = 0) {
  let now = 0
  const asked: [string, number][] = []
  const options = { mintedBy, timeoutMs: 1_000, now: () => now }
  const outcome = await askClients(Object.keys(answers).map(client), options, async ({ id }, timeoutMs) => {
    asked.push([id, timeoutMs])
    now += tookMs
    return answers[id]!
  })
  return { asked, ended: outcome.ok ? outcome.client.id : (outcome.failure.error ?? outcome.failure.network) }
}

describe('askClients', () => {
  it('is content with the first that the provider takes', async () => {
    expect(await ask({ new: good, old: good }, 'old')).toEqual({ asked: [['new', 1_000]], ended: 'new' })
  })

  it.each(['invalid_client', 'invalid_client_id'])('%s says nothing about the refresh token: the other one is asked', async (error) => {
    expect((await ask({ new: refused(error, 401), old: good }, 'old')).ended).toBe('old')
    expect((await ask({ old: refused(error), new: good }, 'old')).ended).toBe('new')
  })

  it('after anything that may have used the refresh token up, nobody is asked again', async () => {
    for (const answer of [lost, refused('invalid_grant'), refused('server_error', 500), refused('temporarily_unavailable', 503)])
      expect((await ask({ old: answer, new: good }, 'old')).asked).toHaveLength(1)
    expect((await ask({ new: lost, old: good }, 'old')).asked).toHaveLength(1)
  })

  it('invalid_grant counts from the client that minted the grant only', async () => {
    expect((await ask({ new: refused('invalid_grant'), old: good }, 'old')).ended).toBe('old')
    expect(await ask({ new: refused('invalid_grant'), old: refused('invalid_grant') }, 'old')).toMatchObject({ ended: 'invalid_grant' })
    expect((await ask({ only: refused('invalid_grant'), other: good }, undefined)).asked).toHaveLength(1)
  })

  it('tells what there is to mend: the first refused client, and never another set’s invalid_grant', async () => {
    expect((await ask({ new: refused('invalid_client'), old: refused('invalid_client_id') }, 'old')).ended).toBe('invalid_client')
    expect((await ask({ old: refused('invalid_client_id'), new: refused('invalid_grant') }, 'old')).ended).toBe('invalid_client_id')
    expect((await ask({ new: refused('invalid_grant'), old: refused('invalid_client') }, 'old')).ended).toBe('invalid_client')
  })

  it('gives the second only what the first has left of the time, which one lease covers', async () => {
    expect((await ask({ new: refused('invalid_client'), old: good }, 'old', 400)).asked).toEqual([
      ['new', 1_000],
      ['old', 600],
    ])
    expect(await ask({ new: refused('invalid_client'), old: good }, 'old', 1_000)).toMatchObject({
      asked: [['new', 1_000]],
      ended: 'invalid_client',
    })
  })
})
