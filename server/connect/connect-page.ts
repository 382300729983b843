/** `GET /connect-ui/`: the page behind `connect_link`, on its own or in an iframe of the customer's product. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { PRODUCT } from '#lib/product.ts'
import { browserScript, sendPage } from './html.ts'

export const connectScript = browserScript('examples.js', 'elements.js', 'session.js', 'explain.js', 'form.js', 'connect-ui.js')

// The notice is there from the start, so that screen readers watch it; the heading takes the focus when the page changes.
const body = `<main aria-busy="true"><h1 id="title" tabindex="-1">Connect</h1><div id="notice" role="status"><p>Loading…</p></div><div id="view"></div>
<noscript><p>This page needs JavaScript.</p></noscript></main>`

/** The page holds no data of its own: it asks the API with the session's token. */
export function connectPage() {
  return async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    sendPage(reply, {
      status: 200,
      title: `Connect · ${PRODUCT}`,
      body,
      script: connectScript,
      data: { product: PRODUCT },
      embeddable: true,
    })
}
