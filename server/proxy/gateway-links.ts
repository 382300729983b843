/**
 * Absolute links in answers at the gateway. A stock client follows those of userinfo and the identity service (jsforce's `identity()`)
 * with its bearer, which is ours: pointing at Salesforce, they would carry our key there.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { tokenHostAllowed } from '@hawser/salesforce/hosts.ts'
import { decodeBody } from './decode-body.ts'
import { replaceHeader } from './response-headers.ts'

const PATHS = /^\/(services\/oauth2\/userinfo|id\/[^?]*|services\/data(\/v\d+\.\d+)?\/?)(\?|$)/

/** `path` as the caller wrote it, leading slashes collapsed. */
export function holdsLinks(path: string): boolean {
  return PATHS.test(path)
}

export function isJson(headers: IncomingHttpHeaders): boolean {
  return headers['content-type']?.includes('json') === true
}

/** The same answer with its links led to the gateway, uncompressed; undefined if it holds none or is not JSON. */
export function rewriteLinks(body: Buffer, encoding: string | undefined, apiOrigin: string, gatewayOrigin: string): Buffer | undefined {
  const decoded = decodeBody(body, encoding)
  if (decoded === undefined) return undefined
  let changed = false
  try {
    const value: unknown = JSON.parse(decoded.toString('utf8'), (_key, value: unknown) => {
      const link = typeof value === 'string' ? rewriteLink(value, apiOrigin, gatewayOrigin) : undefined
      if (link === undefined) return value
      changed = true
      return link
    })
    return changed ? Buffer.from(JSON.stringify(value)) : undefined
  } catch {
    return undefined
  }
}

const ORIGIN = /^(https?:\/\/([^/?#\\@\s:]+)(?::\d+)?)(?=[/?#]|$)/i

/** Undefined: leads to neither the connection's API nor a Salesforce login or org host. */
export function rewriteLink(link: string, apiOrigin: string, gatewayOrigin: string): string | undefined {
  const match = ORIGIN.exec(link)
  if (match === null) return undefined
  const [, origin = '', host = ''] = match
  if (origin.toLowerCase() !== apiOrigin && !tokenHostAllowed(host.toLowerCase())) return undefined
  return gatewayOrigin + link.slice(origin.length)
}

/** `Location` of a redirect, so that a client that follows it stays at the gateway. */
export function rewriteLocation(head: string[], headers: IncomingHttpHeaders, apiOrigin: string, gatewayOrigin: string): string[] {
  const { location } = headers
  const rewritten = typeof location === 'string' ? rewriteLink(location, apiOrigin, gatewayOrigin) : undefined
  return rewritten === undefined ? head : replaceHeader(head, 'location', rewritten)
}
