/** Whether the limits of a credential let a proxied call through: its method and its path, in every way that a server behind us may read them. */
import type { IncomingHttpHeaders } from 'node:http'
import { fail } from '@hawser/api/errors.ts'
import type { Limits } from '@hawser/api/limits.ts'
import { patternCovers } from '#lib/path-pattern.ts'

/** Ask some servers to take a POST for another method. `/proxy` forwards them with its own prefix. */
const OVERRIDE_HEADERS = ['x-http-method-override', 'x-http-method', 'x-method-override'].flatMap((name) => [name, `nango-proxy-${name}`])
/** The same in a query string: Salesforce's name, and that of Rails and others (M). */
const OVERRIDE_PARAMETERS = new Set(['_httpmethod', '_method'])

/** `path` as it will be sent, with its query. @throws Failure forbidden */
export function requireAllowedCall(limits: readonly Limits[], method: string, headers: IncomingHttpHeaders, path: string): void {
  for (const { methods, paths } of limits) {
    if (methods !== undefined && !methodsOf(method, headers, path).every((one) => allowsMethod(methods, one)))
      throw fail('forbidden', { message: `This credential may call ${methods.join(', ')} only.` })
    if (paths !== undefined && !allowsPath(paths, path))
      throw fail('forbidden', { message: `This credential may call these paths only: ${paths.join(', ')}.` })
  }
}

/** For redirects, whose method stays GET or HEAD. */
export function reaches(limits: readonly Limits[], path: string): boolean {
  return limits.every(({ paths }) => paths === undefined || allowsPath(paths, path))
}

function allowsMethod(methods: readonly string[], method: string): boolean {
  return methods.includes(method) || (method === 'HEAD' && methods.includes('GET'))
}

function methodsOf(method: string, headers: IncomingHttpHeaders, path: string): string[] {
  const named = OVERRIDE_HEADERS.flatMap((name) => headers[name] ?? [])
  const query = path.includes('?') ? path.slice(path.indexOf('?') + 1) : ''
  for (const pair of query.split(/[&;]/)) {
    const equals = pair.indexOf('=')
    const name = decoded(equals === -1 ? pair : pair.slice(0, equals)) ?? ''
    if (OVERRIDE_PARAMETERS.has(name.toLowerCase())) named.push(equals === -1 ? '' : (decoded(pair.slice(equals + 1)) ?? ''))
  }
  return [method, ...named.map((one) => one.trim().toUpperCase())]
}

function allowsPath(paths: readonly string[], path: string): boolean {
  const readings = readingsOf(path.split('?', 1)[0]!)
  return readings !== undefined && readings.every((reading) => paths.some((pattern) => patternCovers(pattern, reading)))
}

/** How often a path may be encoded over itself. */
const MOST_LAYERS = 3

/**
 * Every way to read a path: as it stands, and decoded layer by layer; with `\` for `/`, several slashes for one, and without what follows a `;`. All of
 * them must be allowed. Undefined where that cannot be told: `.` and `..`, in any encoding, mean one thing here and another there; so do `?`, `#` and
 * control characters that were encoded.
 */
export function readingsOf(path: string): string[] | undefined {
  const readings = new Set<string>()
  let text = path.replace(/%[0-9a-f]{2}/gi, asUnreserved)
  for (let layer = 0; ; layer++) {
    // oxlint-disable-next-line no-control-regex -- these are the characters that are refused
    if (/[\u0000-\u001f\u007f?#]/.test(text) || layer > MOST_LAYERS) return undefined
    const parts = text.replaceAll('\\', '/').split('/')
    const bare = parts.map((part) => part.split(';', 1)[0]!)
    if (parts.some((part) => part.split(';').some((piece) => /^\s*\.{1,2}\s*$/.test(piece)))) return undefined
    readings.add(text)
    readings.add(parts.join('/'))
    readings.add(bare.join('/').replace(/\/{2,}/g, '/'))
    const next = decoded(text)
    if (next === undefined) return undefined
    if (next === text) return [...readings]
    text = next
  }
}

/** RFC 3986 §6.2.2.2: encoded or not, such a character is the same. */
function asUnreserved(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16))
  return /[A-Za-z0-9\-._~]/.test(character) ? character : encoded
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
