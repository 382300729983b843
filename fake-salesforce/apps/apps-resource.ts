import { restErrors } from '../error-table.ts'
import type { Call } from '../data/call.ts'
import { refuseRest } from '../data/rest-refusal.ts'
import type { Reply } from '../reply.ts'
import { oauthCredentials } from './credentials.ts'
import { oauthUsage } from './usage.ts'

/** `/apps/oauth/…`; `segments` starts after `apps`. */
export function appsResource(call: Call, [family, resource, ...rest]: string[]): Reply {
  if (family === 'oauth' && resource === 'usage') return oauthUsage(call, rest)
  if (family === 'oauth' && resource === 'credentials') return oauthCredentials(call, rest)
  throw refuseRest(restErrors.notFound)
}
