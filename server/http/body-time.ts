import type { FastifyRequest } from 'fastify'

const BODY_DEADLINE_MS = 60_000

export function hasBody({ headers }: FastifyRequest): boolean {
  return headers['content-length'] !== '0' && (headers['content-length'] ?? headers['transfer-encoding']) !== undefined
}

/** Cuts a caller who does not finish his body in time. The server's own deadline ends with the headers, since proxied bodies may take long. */
export function limitBodyTime(request: FastifyRequest, ms = BODY_DEADLINE_MS): void {
  if (!hasBody(request)) return
  const { raw } = request
  const timer = setTimeout(() => !raw.complete && raw.destroy(), ms)
  timer.unref()
  raw.once('close', () => clearTimeout(timer))
}
