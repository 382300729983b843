/** Which Salesforce org a connection leads to. */
import { z } from 'zod'
import { orgKinds } from './environment.ts'
import * as values from './values.ts'

const orgKind = z.enum(orgKinds)

/** As the org itself told it; null: it did not tell. */
export const org = z
  .object({
    /** 18 characters. */
    org_id: z.string(),
    user_id: z.string().nullable(),
    username: z.string().nullable(),
    kind: orgKind,
    /** False while only host names speak for `kind`, and not the org's own record. */
    kind_certain: z.boolean(),
    name: z.string().nullable(),
    /** Salesforce's edition, e.g. `Developer Edition`; a sandbox has that of its source. */
    organization_type: z.string().nullable(),
    is_sandbox: z.boolean().nullable(),
    trial_expires_at: values.timestamp.nullable(),
    /** Salesforce's server, e.g. `USA123`; may change. */
    instance_name: z.string().nullable(),
    namespace_prefix: z.string().nullable(),
    instance_url: z.string(),
    /** Where the user signed in; null after an import. */
    login_host: z.string().nullable(),
    /** `newest`: e.g. `66.0`; `release`: e.g. `Spring '26`. */
    api_versions: z.object({ newest: z.string(), release: z.string().nullable() }).nullable(),
    /** How long a new session lives without use. */
    session_minutes: z.int().nullable(),
    checked_at: values.timestamp,
    /** API calls of the last 24 hours, of all programs together, when Salesforce told it last; null: not seen by this process yet. */
    api_usage: z.object({ used: z.int(), max: z.int(), seen_at: values.timestamp }).nullable(),
  })
  .meta({ id: 'Org' })

export const listedOrg = z.object({ id: z.string(), kind: orgKind, name: z.string().nullable() }).meta({ id: 'ListedOrg' })
