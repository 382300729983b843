/** Whether the limits of a credential let a proxied call through: its method and its path, in every way that a server behind us may read them. */
import type { IncomingHttpHeaders } from 'node:http'
import { fail } from '@hawser/api/errors.ts'
import type { Limits } from '@hawser/api/limits.ts'
import { patternCovers } from '#lib/path-pattern.ts'

/** Ask some servers to take a POST for another method. */
const METHOD_HEADERS = new Set(['x-http-method-override', 'x-http-method', 'x-method-override'])
/** Ask some servers (IIS, and frameworks that were made to run behind it) to take the path from here. */
const PATH_HEADERS = new Set(['x-original-url', 'x-rewrite-url'])
/** The same in a query string: Salesforce's name, and that of Rails and others (M). */
const OVERRIDE_PARAMETERS = new Set(['_httpmethod', '_method'])

/** `path` as it will be sent, with its query. @throws Failure forbidden */
export function requireAllowedCall(limits: readonly Limits[], method: string, headers: IncomingHttpHeaders, path: string): void {
  for (const { methods, paths } of limits) {
    if (methods !== undefined && !methodsOf(method, headers, path).every((one) => allowsMethod(methods, one)))
      throw fail('forbidden', { message: `This credential may call ${methods.join(', ')} only.` })
    if (paths !== undefined && valuesOf(headers, PATH_HEADERS).length > 0)
      throw fail('forbidden', { message: 'This credential is limited to some paths; it may not send headers that name another one.' })
    if (paths !== undefined && !allowsPath(paths, path))
      throw fail('forbidden', { message: `This credential may call these paths only: ${paths.join(', ')}.` })
  }
}

/** For redirects, whose method stays GET or HEAD, unless their query asks for another. */
export function reaches(limits: readonly Limits[], method: string, path: string): boolean {
  return limits.every(
    ({ methods, paths }) =>
      (paths === undefined || allowsPath(paths, path)) &&
      (methods === undefined || methodsOf(method, {}, path).every((one) => allowsMethod(methods, one))),
  )
}

function allowsMethod(methods: readonly string[], method: string): boolean {
  return methods.includes(method) || (method === 'HEAD' && methods.includes('GET'))
}

function methodsOf(method: string, headers: IncomingHttpHeaders, path: string): string[] {
  const named = valuesOf(headers, METHOD_HEADERS)
  const query = path.includes('?') ? path.slice(path.indexOf('?') + 1) : ''
  for (const pair of query.split(/[&;]/)) {
    const equals = pair.indexOf('=')
    const name = decoded(equals === -1 ? pair : pair.slice(0, equals)) ?? ''
    if (OVERRIDE_PARAMETERS.has(name.toLowerCase())) named.push(equals === -1 ? '' : (decoded(pair.slice(equals + 1)) ?? ''))
  }
  return [method, ...named.map((one) => one.trim().toUpperCase())]
}

/** `/proxy` forwards headers with a prefix of its own; and behind CGI and its like `_` and `-` are the same (RFC 3875 §4.1.18). */
function valuesOf(headers: IncomingHttpHeaders, wanted: ReadonlySet<string>): string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    wanted.has(name.replaceAll('_', '-').replace(/^nango-proxy-/, '')) ? (value ?? []) : [],
  )
}

function allowsPath(paths: readonly string[], path: string): boolean {
  const readings = readingsOf(path.split('?', 1)[0]!)
  return readings !== undefined && readings.every((reading) => paths.some((pattern) => patternCovers(pattern, reading)))
}

/** How often a path may be encoded over itself. */
const MOST_LAYERS = 3

/**
 * Every way to read a path: as it stands, and decoded layer by layer; with `\` for `/`, several slashes for one, without what follows a `;`, and with
 * compatible characters for one another (`／` for `/`: Unicode's NFKC, as some servers fold them). All of them must be allowed. Undefined where that cannot be told: `.` and `..`, in any encoding, mean one thing here and another there; so do `?`, `#` and
 * control characters that were encoded.
 */
export function readingsOf(path: string): string[] | undefined {
  const readings = new Set<string>()
  let text = path.replace(/%[0-9a-f]{2}/gi, asUnreserved)
  for (let layer = 0; ; layer++) {
    if (layer > MOST_LAYERS || !addReadings(readings, text)) return undefined
    const folded = text.normalize('NFKC')
    if (folded !== text && !addReadings(readings, folded)) return undefined
    const next = decoded(text)
    if (next === undefined) return undefined
    if (next === text) return [...readings]
    text = next
  }
}

/** False where it cannot be told what the text means. */
function addReadings(readings: Set<string>, text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- these are the characters that are refused
  if (/[\u0000-\u001f\u007f?#]/.test(text)) return false
  const parts = text.replaceAll('\\', '/').split('/')
  const bare = parts.map((part) => part.split(';', 1)[0]!)
  if (parts.some((part) => part.split(';').some((piece) => /^\s*\.{1,2}\s*$/.test(piece)))) return false
  readings.add(text)
  readings.add(parts.join('/'))
  readings.add(bare.join('/').replace(/\/{2,}/g, '/'))
  return true
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
