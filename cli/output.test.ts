import { afterEach, describe, expect, it, vi } from 'vitest'
import { HawserError } from '@hawser/node'
import { CommandFailure, reportFailure, shown } from './output.ts'

afterEach(() => vi.restoreAllMocks())

function sentences(error: unknown): string {
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
  reportFailure(error, false)
  return String(printed.mock.calls[0]![0])
}

function json(error: unknown): unknown {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => {})
  reportFailure(error, true)
  return JSON.parse(String(printed.mock.calls[0]![0]))
}

const limit = [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }]

describe('a failure', () => {
  it('of the provider is shown in its own words', () => {
    const error = new HawserError('provider_error', 'The provider answered 403.', { status: 403, data: limit })
    expect(sentences(error)).toMatch(/answered 403\. \(provider_error\)\n[^]*REQUEST_LIMIT_EXCEEDED/)
    expect(json(error)).toMatchObject({ error: { code: 'provider_error', status: 403, data: limit } })
  })

  it('tells why, what to do, and when the next attempt is made', () => {
    const diagnosis = { cause: 'the cause', fix: ['the fix', 'then this'] } as unknown as NonNullable<HawserError['diagnosis']>
    const error = new HawserError('connection_refresh_backoff', 'It failed.', { status: 424, diagnosis, retryAfter: 29 })
    expect(sentences(error)).toBe(
      'It failed. (connection_refresh_backoff)\n  Why: the cause\n  Do:  the fix\n  Do:  then this\n  Hawser asks again in 29 s at the earliest.',
    )
    expect(json(error)).toMatchObject({ error: { retry_after: 29, diagnosis } })
  })

  it('does not say what to do twice', () => {
    const diagnosis = { cause: 'the cause', fix: ['Do the fix.'] } as unknown as NonNullable<HawserError['diagnosis']>
    expect(sentences(new HawserError('invalid_credentials', 'No. Do the fix.', { status: 424, diagnosis }))).toBe(
      'No. (invalid_credentials)\n  Why: the cause\n  Do:  Do the fix.',
    )
  })

  it('to reach the server says how to start it', () => {
    expect(sentences(new HawserError('network_error', 'cannot be reached', { status: 0 }))).toContain('npm start')
  })

  it('names every field in JSON', () => {
    const errors = [{ code: 'invalid_value', message: 'Integration does not exist', path: ['allowed_integrations', 0] }]
    expect(json(new HawserError('invalid_body', 'x', { status: 400, errors }))).toMatchObject({ error: { errors } })
  })

  it('of the person at the keyboard comes without a stack', () => {
    expect(sentences(new CommandFailure('Say which.', { checks: [] }))).toBe('Say which.')
    expect(json(new CommandFailure('Say which.', { checks: [] }))).toEqual({
      error: { code: 'command_failed', message: 'Say which.', checks: [] },
    })
  })
})

it.each([
  [{ a: 1 }, '{\n  "a": 1\n}'],
  ['text', 'text'],
  [null, '(no content)'],
  [new Uint8Array(3), '(3 bytes)'],
])('shows %j', (data, text) => {
  expect(shown(data)).toBe(text)
})
