export interface Reply {
  status: number
  headers: Record<string, string>
  /** A string, bytes, or a stream of bytes of unknown length. */
  body: string | Buffer | AsyncIterable<Buffer>
  /** The connection is cut instead of an answer. */
  cut?: true
}

/** Ends the handling of a request with this reply. */
export class Stopped extends Error {
  readonly reply: Reply
  constructor(reply: Reply) {
    super(`answered with ${reply.status}`)
    this.name = 'Stopped'
    this.reply = reply
  }
}

/** Runs the steps of one endpoint; the first that stops gives the reply. */
export function replyOf(steps: () => Reply): Reply {
  try {
    return steps()
  } catch (stopped) {
    if (stopped instanceof Stopped) return stopped.reply
    throw stopped
  }
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Reply {
  return { status, headers: { 'content-type': 'application/json;charset=UTF-8', ...headers }, body: JSON.stringify(value) }
}

export function html(status: number, body: string, headers: Record<string, string> = {}): Reply {
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=UTF-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
      ...headers,
    },
    body,
  }
}

export function text(status: number, body: string, contentType = 'text/plain; charset=UTF-8'): Reply {
  return { status, headers: { 'content-type': contentType }, body }
}

export function redirect(location: string): Reply {
  return { status: 302, headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }, body: '' }
}

export function empty(status: number): Reply {
  return { status, headers: {}, body: '' }
}
