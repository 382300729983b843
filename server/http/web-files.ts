/** The built web apps: `/dashboard/` and `/connect-ui/`. */
import { globSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { escapeHtml } from '#lib/escape-html.ts'

const DIST = join(import.meta.dirname, '../../web/dist')
const PAGE = 'index.html'
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json; charset=utf-8',
  '.woff2': 'font/woff2',
}
const ENCODINGS = [
  { name: 'br', ending: '.br' },
  { name: 'gzip', ending: '.gz' },
] as const

export interface WebApp {
  /** The folder under `web/dist`. */
  name: 'connect' | 'dashboard'
  /** Begins and ends with a slash. */
  path: string
  /** May stand in an iframe of another site. */
  embeddable: boolean
  /** The server's own address, whose path part the page's links need. */
  publicUrl: string
}

/** Everything comes from this server; nothing is evaluated; `data:` is for the empty icon and drawn codes. */
function contentSecurityPolicy(embeddable: boolean): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
    // The dashboard shows the Connect page as a preview.
    ...(embeddable ? [] : ["frame-src 'self'", "frame-ancestors 'none'"]),
  ].join('; ')
}

/**
 * Serves one app from memory (a build is smaller than 2 MB), so no path can leave its folder. Paths that name no file get the app's page: its own deep
 * links work. Names under `assets/` carry a digest, so browsers keep them for a year. Without a build (a checkout that was started by hand) every path
 * answers 503 and says how to build.
 */
export function registerWebApp(app: FastifyInstance, web: WebApp): void {
  const files = filesOf(web)
  const policy = contentSecurityPolicy(web.embeddable)
  const bare = web.path.slice(0, -1)
  app.get(bare, async (request, reply) => reply.redirect(withSlash(bare, request.url), 308))
  app.get<{ Params: { '*': string } }>(`${web.path}*`, async (request, reply) => {
    const page = files.get(PAGE)
    if (!page) return reply.code(503).type('text/plain; charset=utf-8').send('The web pages are not built yet. Run: npm run build:web\n')
    const path = request.params['*']
    const isAsset = path.startsWith('assets/')
    const file = files.get(path) ?? (isAsset ? undefined : page)
    if (!file) return reply.callNotFound()
    const encoding = acceptedEncoding(request)
    const body = (encoding && file.encoded[encoding]) ?? file.bytes
    if (body !== file.bytes) void reply.header('content-encoding', encoding)
    return reply
      .type(file.type)
      .headers({
        'cache-control': isAsset ? 'public, max-age=31536000, immutable' : 'no-cache',
        'content-security-policy': policy,
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        // For proxies and browsers that drop or do not know the policy.
        ...(web.embeddable ? {} : { 'x-frame-options': 'DENY' }),
        vary: 'accept-encoding',
      })
      .send(body)
  })
}

interface WebFile {
  type: string
  bytes: Buffer
  encoded: { br?: Buffer; gzip?: Buffer }
}

function filesOf(web: WebApp): Map<string, WebFile> {
  const root = join(DIST, web.name)
  const names = new Set(globSync('**/*.*', { cwd: root }))
  const files = new Map<string, WebFile>()
  for (const name of names) {
    const type = TYPES[extname(name)]
    if (!type) continue
    const file: WebFile = { type, bytes: readFileSync(join(root, name)), encoded: {} }
    for (const { name: encoding, ending } of ENCODINGS) {
      if (name !== PAGE && names.has(name + ending)) file.encoded[encoding] = readFileSync(join(root, name + ending))
    }
    files.set(name.replaceAll('\\', '/'), file)
  }
  const page = files.get(PAGE)
  if (page) page.bytes = Buffer.from(withBase(page.bytes.toString(), web))
  return files
}

/** Deep links need to know where the app begins; a proxy before us may have added a path that only the public address tells. */
function withBase(html: string, web: WebApp): string {
  const base = new URL(web.publicUrl).pathname.replace(/\/$/, '') + web.path
  return html.replace('<head>', `<head>\n    <base href="${escapeHtml(base)}" />`)
}

function acceptedEncoding(request: FastifyRequest): 'br' | 'gzip' | undefined {
  const accepted = String(request.headers['accept-encoding'] ?? '')
  return ENCODINGS.find(({ name }) => new RegExp(`(^|[ ,])${name}(?! *; *q=0(\\.0*)?( *,|$))`).test(accepted))?.name
}

/** A relative target, for the same reason: the browser resolves it against what it asked for. */
function withSlash(bare: string, url: string): string {
  const query = url.indexOf('?')
  return `${bare.slice(bare.lastIndexOf('/') + 1)}/${query < 0 ? '' : url.slice(query)}`
}
