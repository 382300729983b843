import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { verifyWebhook } from './verify-webhook.ts'

const KEY = `whsec_${Buffer.alloc(32, 3).toString('base64')}`
const BODY = '{"from":"nango","name":"é"}'
const NOW = 1_790_000_000
const now = { nowSeconds: NOW }

/** Signed by another implementation. */
function signed(body = BODY, key = KEY): Record<string, string> {
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(NOW),
    'webhook-signature': new Webhook(key).sign('msg_1', new Date(NOW * 1000), body),
    'x-nango-hmac-sha256': createHmac('sha256', key).update(body).digest('hex'),
  }
}

describe('verifyWebhook', () => {
  it('accepts what the server sends, in every form of headers and body', () => {
    expect(verifyWebhook(BODY, signed(), KEY, now)).toBe(true)
    expect(verifyWebhook(Buffer.from(BODY), new Headers(signed()), KEY, now)).toBe(true)
    const upper = Object.fromEntries(Object.entries(signed()).map(([name, value]) => [name.toUpperCase(), value]))
    expect(verifyWebhook(new TextEncoder().encode(BODY), upper, KEY, now)).toBe(true)
  })

  it('24. refuses an altered body, id, time or signature, and another key', () => {
    expect(verifyWebhook(`${BODY} `, signed(), KEY, now)).toBe(false)
    expect(verifyWebhook(BODY, { ...signed(), 'webhook-id': 'msg_2' }, KEY, now)).toBe(false)
    expect(verifyWebhook(BODY, { ...signed(), 'webhook-timestamp': String(NOW + 1) }, KEY, now)).toBe(false)
    expect(verifyWebhook(BODY, { ...signed(), 'webhook-signature': 'v1,AAAA' }, KEY, now)).toBe(false)
    expect(verifyWebhook(BODY, { ...signed(), 'webhook-signature': '' }, KEY, now)).toBe(false)
    expect(verifyWebhook(BODY, signed(BODY, `whsec_${Buffer.alloc(32, 4).toString('base64')}`), KEY, now)).toBe(false)
    expect(verifyWebhook(BODY, {}, KEY, now)).toBe(false)
  })

  it('24. refuses an old delivery and one from the future', () => {
    expect(verifyWebhook(BODY, signed(), KEY, { nowSeconds: NOW + 299 })).toBe(true)
    expect(verifyWebhook(BODY, signed(), KEY, { nowSeconds: NOW + 301 })).toBe(false)
    expect(verifyWebhook(BODY, signed(), KEY, { nowSeconds: NOW - 301 })).toBe(false)
    expect(verifyWebhook(BODY, signed(), KEY, { nowSeconds: NOW + 301, toleranceSeconds: 600 })).toBe(true)
    for (const time of ['', 'x', '-1', '1e9', 'NaN'])
      expect(verifyWebhook(BODY, { ...signed(), 'webhook-timestamp': time }, KEY, now)).toBe(false)
  })

  it('accepts one of several signatures', () => {
    const headers = signed()
    expect(verifyWebhook(BODY, { ...headers, 'webhook-signature': `v1a,xyz v1,AAAA ${headers['webhook-signature']}` }, KEY, now)).toBe(true)
  })

  it('falls back to X-Nango-Hmac-Sha256, unless a time is required', () => {
    const { 'x-nango-hmac-sha256': hmac } = signed()
    const alone = { 'X-Nango-Hmac-Sha256': hmac }
    expect(verifyWebhook(BODY, alone, KEY, now)).toBe(true)
    expect(verifyWebhook(BODY, { 'X-Nango-Hmac-Sha256': hmac!.toUpperCase() }, KEY)).toBe(true)
    expect(verifyWebhook(`${BODY} `, alone, KEY, now)).toBe(false)
    expect(verifyWebhook(BODY, alone, KEY, { ...now, requireTimestamp: true })).toBe(false)
    expect(verifyWebhook(BODY, { 'x-nango-hmac-sha256': ['a', 'b'] }, KEY, now)).toBe(false)
    expect(verifyWebhook(BODY, { ...alone, 'webhook-signature': 'v1,AAAA' }, KEY, now)).toBe(false)
  })

  it('14. never takes an empty key for one that fits', () => {
    expect(() => verifyWebhook(BODY, signed(), '')).toThrow('signingKey')
  })
})
