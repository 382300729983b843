import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'

export interface WebhookToSign {
  /** The same for every attempt, so that a receiver can drop what it has seen. */
  id: string
  timestampMs: number
  body: string
}

/**
 * The environment's signing key is the text `whsec_<base64 of its bytes>`. Standard Webhooks signs with the bytes; `X-Nango-Hmac-Sha256` takes the
 * whole text as its key, since the stock client passes on the string that it was given.
 */
export function signatureHeaders(signingKey: string, { id, timestampMs, body }: WebhookToSign): Record<string, string> {
  return {
    'X-Nango-Hmac-Sha256': createHmac('sha256', signingKey).update(body).digest('hex'),
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(timestampMs / 1000)),
    'webhook-signature': new Webhook(signingKey).sign(id, new Date(timestampMs), body),
  }
}
