import { describe, expect, it } from 'vitest'
import type { FailingConnection } from './quarantine-store.ts'
import { groundsFor } from './suspect-refresh.ts'

const HOUR = 3_600_000
const at = (ms: number) => new Date(Date.UTC(2026, 0, 10) + ms)

function failing(change: Partial<FailingConnection> = {}): FailingConnection {
  return { id: 'c', environmentId: 'e', brokenAt: at(0), refreshedAt: at(-HOUR), code: 'token-client-id-unknown', clientId: 'a', ...change }
}

describe('groundsFor', () => {
  it.each([
    ['two apps', [failing(), failing({ clientId: 'b' })], { connections: 2, apps: 2, kinds_of_failure: 1 }],
    [
      'two kinds of failure',
      [failing(), failing({ code: 'refresh-token-expired', brokenAt: at(23 * HOUR), refreshedAt: at(-9 * HOUR) })],
      { connections: 2, apps: 1, kinds_of_failure: 2 },
    ],
  ])('%s that stop together are grounds', (_name, all, expected) => expect(groundsFor(all)).toEqual(expected))

  it.each([
    ['one connection alone', [failing()]],
    ['one app, one kind: somebody removed the app', [failing(), failing(), failing()]],
    ['one that works', [failing(), failing({ clientId: 'b', brokenAt: null, code: null })]],
    ['one that has worked since', [failing(), failing({ clientId: 'b', brokenAt: at(2 * HOUR), refreshedAt: at(HOUR) })]],
    ['days in between', [failing(), failing({ clientId: 'b', brokenAt: at(25 * HOUR), refreshedAt: at(-HOUR) })]],
    ['a wrong secret, which no refresh explains', [failing(), failing({ clientId: 'b', code: 'client-credentials-refused' })]],
    ['an inactive user', [failing(), failing({ clientId: 'b', code: 'user-inactive' })]],
    ['nothing', []],
  ])('%s is none', (_name, all) => expect(groundsFor(all)).toBeUndefined())
})
