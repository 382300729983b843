import { randomBytes } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { withNodeAlone } from './verification-code.ts'

type IsGenuine = (rawBody: string | Buffer, headers: Record<string, string>, signingKey: string) => boolean

const { isGenuine } = (await import(`data:text/javascript,${encodeURIComponent(withNodeAlone)}`)) as { isGenuine: IsGenuine }
const KEY = `whsec_${randomBytes(32).toString('base64')}`
const BODY = '{"type":"webhook.test","name":"Größe"}'

function signed(at = new Date(), key = KEY): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000))
  return { 'webhook-id': 'm-1', 'webhook-timestamp': timestamp, 'webhook-signature': new Webhook(key).sign('m-1', at, BODY) }
}

describe('the program for plain Node', () => {
  it('takes what we signed, as text and as bytes, with other signatures beside ours', () => {
    const headers = signed()
    expect(isGenuine(BODY, headers, KEY)).toBe(true)
    expect(isGenuine(Buffer.from(BODY), { ...headers, 'webhook-signature': `v1,xx ${headers['webhook-signature']}` }, KEY)).toBe(true)
  })

  it('refuses other bodies, keys, ids, times and signatures, without throwing', () => {
    const headers = signed()
    const other = `whsec_${randomBytes(32).toString('base64')}`
    expect(isGenuine(`${BODY} `, headers, KEY)).toBe(false)
    expect(isGenuine(BODY, headers, other)).toBe(false)
    expect(isGenuine(BODY, { ...headers, 'webhook-id': 'm-2' }, KEY)).toBe(false)
    expect(isGenuine(BODY, signed(new Date(Date.now() - 301_000)), KEY)).toBe(false)
    expect(isGenuine(BODY, { ...headers, 'webhook-signature': 'é'.repeat(headers['webhook-signature']!.length) }, KEY)).toBe(false)
    expect(isGenuine(BODY, {}, KEY)).toBe(false)
  })
})
