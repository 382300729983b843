import { errors } from 'undici'
import { describe, expect, it } from 'vitest'
import { EgressRefused } from './egress-refused.ts'
import { describeNetworkError, markNotSent } from './network-error.ts'

const withCode = (code: string, message = 'x'): Error => Object.assign(new Error(message), { code })

describe('describeNetworkError', () => {
  it.each([
    [withCode('ECONNREFUSED'), 'refused', false],
    [withCode('ENOTFOUND'), 'dns', false],
    [withCode('EAI_AGAIN'), 'dns', false],
    [new errors.ConnectTimeoutError(), 'timeout', false],
    [new EgressRefused('address'), 'blocked', false],
    [new errors.HeadersTimeoutError(), 'timeout', true],
    [new errors.BodyTimeoutError(), 'timeout', true],
    [new errors.SocketError('other side closed'), 'reset', true],
    [withCode('ECONNRESET'), 'reset', true],
    [withCode('EPIPE'), 'reset', true],
    [withCode('EHOSTUNREACH'), 'refused', true],
    [withCode('ETIMEDOUT'), 'timeout', true],
    [AbortSignal.timeout(0), 'other', true],
    [new DOMException('x', 'TimeoutError'), 'timeout', true],
    [withCode('CERT_HAS_EXPIRED'), 'tls', true],
    [withCode('ERR_TLS_CERT_ALTNAME_INVALID'), 'tls', true],
    [withCode('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'), 'tls', true],
    [withCode('EPROTO'), 'tls', true],
    [withCode('HPE_INVALID_CONSTANT'), 'other', true],
    [new Error('what'), 'other', true],
    ['a string', 'other', true],
    [undefined, 'other', true],
  ])('%s: %s, sent %s', (error, kind, sent) => {
    expect(describeNetworkError(error)).toMatchObject({ kind, sent })
  })

  it('knows that what failed in the connector was not sent', () => {
    expect(describeNetworkError(markNotSent(withCode('ECONNRESET'))).sent).toBe(false)
    expect(describeNetworkError(markNotSent(withCode('CERT_HAS_EXPIRED'))).sent).toBe(false)
  })

  it('finds the reason under wrappers', () => {
    const wrapped = new TypeError('fetch failed', { cause: new Error('inner', { cause: withCode('ECONNREFUSED') }) })
    expect(describeNetworkError(wrapped)).toMatchObject({ kind: 'refused', sent: false })
    expect(describeNetworkError(new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')]))).toMatchObject({ kind: 'refused' })
    const circular = new Error('a')
    circular.cause = circular
    expect(describeNetworkError(circular).kind).toBe('other')
  })

  it('4. repeats nothing of the error’s message', () => {
    const error = Object.assign(withCode('HPE_INVALID_CONSTANT', 'Bearer hunter2'), { data: 'hunter2' })
    for (const each of [error, withCode('ECONNRESET', 'hunter2'), withCode('UNHEARD_OF', 'hunter2')]) {
      expect(JSON.stringify(describeNetworkError(each))).not.toContain('hunter2')
    }
  })
})
