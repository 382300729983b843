/** `GET /guides/` and `/guides/:name`: the guides of `docs/`, with the reader's own addresses filled in. */
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { escapeHtml } from '#lib/escape-html.ts'
import { PRODUCT } from '#lib/product.ts'
import { renderGuide, type Guide, type GuideValues } from './render-guide.ts'

const DOCS = join(import.meta.dirname, '../../docs')
const STYLE = readFileSync(join(import.meta.dirname, 'guide.css'), 'utf8')
const STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`

export function registerGuides(app: FastifyInstance, values: GuideValues): void {
  const rendered = new Map<string, Guide>()
  const guideNamed = (name: string): Guide | undefined => {
    const path = pathsByName().get(name)
    if (path === undefined) return undefined
    const guide = rendered.get(name) ?? renderGuide(readFileSync(path, 'utf8'), values)
    rendered.set(name, guide)
    return guide
  }
  app.get('/guides', async (_request, reply) => reply.redirect('/guides/', 308))
  app.get('/guides/', async (_request, reply) => {
    const items = [...pathsByName().keys()].map(
      (name) => `<li><a href="/guides/${name}">${escapeHtml(guideNamed(name)?.title ?? name)}</a></li>`,
    )
    return send(reply, 'Guides', `<h1>Guides</h1><ul>${items.join('')}</ul>`)
  })
  app.get<{ Params: { name: string } }>('/guides/:name', async (request, reply) => {
    const guide = guideNamed(request.params.name)
    return guide ? send(reply, guide.title, guide.html) : reply.callNotFound()
  })
}

/** Only names from this list are ever read: the request's text never becomes a path. */
function pathsByName(): Map<string, string> {
  const guides = readdirSync(join(DOCS, 'guides')).filter((file) => file.endsWith('.md'))
  const paths = guides.map((file) => [file.slice(0, -'.md'.length), join(DOCS, 'guides', file)] as const)
  return new Map([...paths.sort(), ['salesforce-unverified', join(DOCS, 'salesforce-unverified.md')]])
}

function send(reply: FastifyReply, title: string, html: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').headers({
    'content-security-policy': `default-src 'none'; img-src data:; style-src ${STYLE_HASH}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-cache',
  }).send(`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)} · ${PRODUCT}</title><link rel="icon" href="data:,"><style>${STYLE}</style></head>
<body><nav><a href="/guides/">${PRODUCT} guides</a></nav><main>${html}</main></body></html>
`)
}
