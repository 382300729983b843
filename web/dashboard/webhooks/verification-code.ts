/** Programs that tell our webhooks from somebody else's; shown to be copied. */

export const withSdk = `import express from 'express'
import { verifyWebhook } from '@hawser/node'

const app = express()
app.post('/hawser', express.raw({ type: 'application/json' }), (request, response) => {
  if (!verifyWebhook(request.body, request.headers, process.env.HAWSER_WEBHOOK_KEY)) return response.sendStatus(401)
  const event = JSON.parse(request.body)
  console.log(event.type)
  response.sendStatus(204)
})
app.listen(4000)
`

/** Standard Webhooks: HMAC-SHA256 over \`<id>.<timestamp>.<body>\`. */
export const withNodeAlone = `import { createHmac, timingSafeEqual } from 'node:crypto'

// rawBody: the bytes as they came, not parsed and printed again.
export function isGenuine(rawBody, headers, signingKey) {
  const { 'webhook-id': id, 'webhook-timestamp': sentAt, 'webhook-signature': signatures = '' } = headers
  if (!id || !(Math.abs(Date.now() / 1000 - Number(sentAt)) <= 300)) return false
  const key = Buffer.from(signingKey.replace(/^whsec_/, ''), 'base64')
  const expected = Buffer.from('v1,' + createHmac('sha256', key).update(id + '.' + sentAt + '.').update(rawBody).digest('base64'))
  return signatures.split(' ').some((signature) => {
    const given = Buffer.from(signature)
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}
`

/** A receiver without any dependency, to look at what comes. */
export const localReceiver = `// receiver.mjs: node receiver.mjs
import { createServer } from 'node:http'

createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  console.log(request.headers['webhook-id'], body)
  response.writeHead(204).end()
}).listen(4000)
`
