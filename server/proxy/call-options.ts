/** What the headers of a `/proxy` call ask for. */
import type { IncomingHttpHeaders } from 'node:http'
import { fail } from '@hawser/api/errors.ts'
import type { ProxyHeaders } from '@hawser/api/proxy.ts'
import { proxyHeaders } from '@hawser/api/proxy.ts'
import { fieldErrors } from '#http/parse-input.ts'

/** @throws Failure invalid_headers, with each broken header */
export function readCallOptions(headers: IncomingHttpHeaders): ProxyHeaders {
  const read = proxyHeaders.safeParse(headers)
  if (read.success) return read.data
  throw fail('invalid_headers', { errors: fieldErrors(read.error) })
}
