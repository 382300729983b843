import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { PRODUCT } from '#lib/product.ts'

const STYLE =
  ':root{color-scheme:light dark;font:1rem/1.6 system-ui,sans-serif}body{max-width:34rem;margin:15vh auto;padding:0 1.5rem}h1{font-size:1.4rem}'

/** What a person sees who opens the server's address. Says nothing that the API would not tell everybody. */
export function registerStartPage(app: FastifyInstance): void {
  const style = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${PRODUCT}</title><link rel="icon" href="data:,"><style>${STYLE}</style>
<h1>${PRODUCT} is running.</h1>
<p>This is an API for programs. Its description is at <a href="/openapi.json">/openapi.json</a>; whether it is ready, at <a href="/ready">/ready</a>. The <a href="/guides/">guides</a> show how to set it up.</p>
<p>If somebody sent you here to connect an account, ask them for the whole link.</p></html>
`
  app.get('/', async (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .headers({
        'content-security-policy': `default-src 'none'; img-src data:; style-src ${style}; frame-ancestors 'none'`,
        'referrer-policy': 'no-referrer',
      })
      .send(page),
  )
  app.get('/favicon.ico', async (_request, reply) => reply.code(204).header('cache-control', 'public, max-age=86400').send())
}
