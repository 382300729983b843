/** What the headers of a `/proxy` call ask for. */
import type { IncomingHttpHeaders } from 'node:http'
import type { z } from 'zod'
import { fail } from '@hawser/api/errors.ts'
import type { ConnectionProxyHeaders, ProxyHeaders } from '@hawser/api/proxy.ts'
import { connectionProxyHeaders, proxyHeaders } from '@hawser/api/proxy.ts'
import { fieldErrors } from '#http/parse-input.ts'

/** @throws Failure invalid_headers, with each broken header */
export function readCallOptions(headers: IncomingHttpHeaders): ProxyHeaders {
  return readBy(proxyHeaders, headers)
}

/** Of a caller whose credential names the connection. @throws Failure invalid_headers */
export function readConnectionCallOptions(headers: IncomingHttpHeaders): ConnectionProxyHeaders {
  return readBy(connectionProxyHeaders, headers)
}

function readBy<T>(schema: z.ZodType<T>, headers: IncomingHttpHeaders): T {
  const read = schema.safeParse(headers)
  if (read.success) return read.data
  throw fail('invalid_headers', { errors: fieldErrors(read.error) })
}
