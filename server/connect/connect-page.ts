/** `GET /connect-ui/`: the page behind `connect_link`, on its own or in an iframe of the customer's product. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { PRODUCT } from '#lib/product.ts'
import { browserFile, sendPage } from './html.ts'

const script = browserFile('connect-ui.js')

const body = `<main aria-busy="true"><h1 id="title" tabindex="-1">Connect</h1><div id="view" aria-live="polite"><p>Loading…</p></div>
<noscript><p>This page needs JavaScript.</p></noscript></main>`

/** The page holds no data of its own: it asks the API with the session's token. */
export function connectPage() {
  return async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    sendPage(reply, { status: 200, title: `Connect · ${PRODUCT}`, body, script, data: {}, embeddable: true })
}
