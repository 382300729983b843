import type { z } from 'zod'
import type { org } from '@hawser/api/orgs.ts'

/** What the column `connection.org` holds: the org of the API, without what changes by the minute. Also the user's name: nothing for logs. */
export type OrgFacts = Omit<z.output<typeof org>, 'api_usage'>

/** `fresh` over `known`: what could not be read this time stays as it was, but for the kind, which goes with its certainty. */
export function mergeOrgFacts(known: OrgFacts | null, fresh: OrgFacts): OrgFacts {
  // Another org shares nothing with the one before.
  if (!known || known.org_id !== fresh.org_id) return fresh
  const told = Object.fromEntries(Object.entries(fresh).filter(([, value]) => value !== null)) as Partial<OrgFacts>
  const certain = fresh.kind_certain || !known.kind_certain ? fresh : known
  // From the same record: null of a record that was read says that there is none.
  const record = fresh.kind_certain ? { trial_expires_at: fresh.trial_expires_at, namespace_prefix: fresh.namespace_prefix } : {}
  return { ...known, ...told, ...record, kind: certain.kind, kind_certain: certain.kind_certain }
}
