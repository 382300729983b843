/** Small pages without third parties. Scripts and styles run by a nonce only; all texts are escaped. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FastifyReply } from 'fastify'
import { escapeHtml } from '#lib/escape-html.ts'

/** JSON for a `<script type="application/json">`: no `</script>` and no `<!--` can occur in it. */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', String.raw`\u003c`)
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`)
}

/** A file that the browser gets, e.g. `callback.js`. */
export function browserFile(name: string): string {
  return readFileSync(new URL(`./browser/${name}`, import.meta.url), 'utf8')
}

/**
 * One inline script of several modules, so that a nonce covers it all: each file may import from those named before it. They share one scope,
 * hence no name twice.
 */
export function browserScript(...names: string[]): string {
  return names
    .map((name) =>
      browserFile(name)
        .replaceAll(/^import .*\n/gm, '')
        .replaceAll(/^export /gm, ''),
    )
    .join('\n')
}

const style = browserFile('page.css')

export interface Page {
  status: number
  title: string
  /** HTML; the caller has escaped what is not its own. */
  body: string
  script: string
  /** Read by the script as `#data`. */
  data: unknown
}

export function sendPage(reply: FastifyReply, page: Page): FastifyReply {
  const nonce = randomBytes(16).toString('base64')
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "base-uri 'none'",
    "form-action 'none'",
    // For the empty icon, without which browsers ask for /favicon.ico.
    'img-src data:',
    "frame-ancestors 'none'",
  ].join('; ')
  return reply
    .code(page.status)
    .header('content-security-policy', policy)
    .header('referrer-policy', 'no-referrer')
    .header('cache-control', 'no-store')
    .header('x-content-type-options', 'nosniff')
    .type('text/html; charset=utf-8').send(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
<title>${escapeHtml(page.title)}</title><link rel="icon" href="data:,"><style nonce="${nonce}">${style}</style></head>
<body>${page.body}
<script type="application/json" id="data">${jsonForScript(page.data)}</script>
<script type="module" nonce="${nonce}">${page.script}</script></body></html>`)
}
