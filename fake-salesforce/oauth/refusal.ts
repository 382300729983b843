import type { OauthError } from '../error-table.ts'
import type { Incoming } from '../incoming.ts'
import { json, text, type Reply } from '../reply.ts'

/** Bodies of OAuth endpoints are never cached (RFC 6749 section 5.1). */
const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' }

const XML_ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function xmlOf(fields: Record<string, string>): string {
  const inner = Object.entries(fields).map(
    ([name, value]) => `<${name}>${value.replace(/[&<>"]/g, (c) => XML_ENTITIES[c] ?? '')}</${name}>`,
  )
  return `<?xml version="1.0" encoding="UTF-8"?><OAuth>${inner.join('')}</OAuth>`
}

/** A token answer in the format that `format=` or the Accept header asks for; JSON by default. */
export function tokenReply(incoming: Incoming, form: URLSearchParams, status: number, fields: Record<string, string>): Reply {
  const asked = form.get('format') ?? ''
  const accept = incoming.headers.accept ?? ''
  let reply: Reply
  if (asked === 'xml' || (asked === '' && accept.startsWith('application/xml'))) {
    reply = text(status, xmlOf(fields), 'application/xml;charset=UTF-8')
  } else if (asked === 'urlencoded' || (asked === '' && accept.startsWith('application/x-www-form-urlencoded'))) {
    reply = text(status, new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded;charset=UTF-8')
  } else {
    reply = json(status, fields)
  }
  return { ...reply, headers: { ...reply.headers, ...NO_STORE } }
}

/** Ends a token endpoint with an entry of the error table. */
export class OauthRefusal extends Error {
  readonly entry: OauthError
  constructor(entry: OauthError) {
    super(entry.description)
    this.name = 'OauthRefusal'
    this.entry = entry
  }
}

export function refuse(entry: OauthError): OauthRefusal {
  return new OauthRefusal(entry)
}

/** Runs the steps of one OAuth endpoint; a refusal becomes 400 in the format that the client asked for. */
export function oauthReply(incoming: Incoming, form: URLSearchParams, steps: () => Reply): Reply {
  try {
    return steps()
  } catch (refusal) {
    if (!(refusal instanceof OauthRefusal)) throw refusal
    return tokenReply(incoming, form, 400, { error: refusal.entry.error, error_description: refusal.entry.description })
  }
}
