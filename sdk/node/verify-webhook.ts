import { createHmac, timingSafeEqual } from 'node:crypto'

export interface VerifyOptions {
  /** How far the sender's clock may be off, and how old a delivery may be; default 5 minutes. */
  toleranceSeconds?: number
  /** Refuse what carries `X-Nango-Hmac-Sha256` alone: it has no time in it, so an old delivery could be replayed without its other headers. */
  requireTimestamp?: boolean
  /** For tests: seconds since 1970. */
  nowSeconds?: number
}

export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * Whether a webhook was sent by your server, and not altered. `rawBody` must be the bytes as they came: parsed and printed again they differ.
 * `signingKey` is the environment's, `whsec_…`. Compares in constant time, and never throws for what a sender can do.
 */
export function verifyWebhook(
  rawBody: string | Uint8Array,
  headers: WebhookHeaders,
  signingKey: string,
  options: VerifyOptions = {},
): boolean {
  if (!signingKey) throw new TypeError('signingKey: missing; it is the environment’s `webhook_signing_key`')
  const signatures = header(headers, 'webhook-signature')
  if (signatures !== undefined) return verifyStandard(rawBody, headers, signingKey, signatures, options)
  const hmac = header(headers, 'x-nango-hmac-sha256')
  if (hmac === undefined || options.requireTimestamp) return false
  return isEqual(createHmac('sha256', signingKey).update(rawBody).digest('hex'), hmac.toLowerCase())
}

/** https://www.standardwebhooks.com: HMAC-SHA256 over `<id>.<timestamp>.<body>` with the bytes behind `whsec_`. */
function verifyStandard(
  rawBody: string | Uint8Array,
  headers: WebhookHeaders,
  signingKey: string,
  signatures: string,
  { toleranceSeconds = 300, nowSeconds = Date.now() / 1000 }: VerifyOptions,
): boolean {
  const id = header(headers, 'webhook-id')
  const timestamp = header(headers, 'webhook-timestamp')
  if (!id || !timestamp || !/^\d{1,12}$/.test(timestamp)) return false
  if (Math.abs(nowSeconds - Number(timestamp)) > toleranceSeconds) return false
  const key = Buffer.from(signingKey.replace(/^whsec_/, ''), 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(rawBody).digest('base64')
  return signatures.split(' ').some((signature) => isEqual(`v1,${expected}`, signature))
}

function header(headers: WebhookHeaders, name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  return typeof found === 'string' ? found : undefined
}

function isEqual(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}
