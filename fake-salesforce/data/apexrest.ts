import { createHash } from 'node:crypto'
import type { Incoming } from '../incoming.ts'
import { json, redirect, type Reply } from '../reply.ts'
import { refuseRest } from './rest-refusal.ts'
import { restErrors } from '../error-table.ts'

/**
 * Two "Apex REST" endpoints for tests of proxies: `/services/apexrest/echo` tells what arrived, `/services/apexrest/redirect?to=…` sends
 * the client elsewhere.
 */
export function apexrest(incoming: Incoming): Reply {
  const name = incoming.path.slice('/services/apexrest/'.length)
  if (name === 'redirect') return redirect(incoming.query.get('to') ?? '/')
  if (name !== 'echo') throw refuseRest(restErrors.notFound)
  const { authorization: _secret, 'x-sfdc-session': _session, ...headers } = incoming.headers
  return json(200, {
    method: incoming.method,
    path: incoming.path,
    query: [...incoming.query],
    headers,
    bodyBytes: incoming.body.length,
    bodySha256: createHash('sha256').update(incoming.body).digest('hex'),
  })
}
