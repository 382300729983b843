/** The kill switch, and the revocation of many grants at once. */
import { z } from 'zod'
import { defineRoute } from './route.ts'
import * as values from './values.ts'

const frozen = z
  .object({
    frozen: z.boolean(),
    reason: z.string().nullable(),
    frozen_at: values.timestamp.nullable(),
  })
  .meta({ id: 'Freeze' })

const body = z.strictObject({
  /** Every refused call says it; nothing secret. */
  reason: z.string().trim().min(1).max(500).optional(),
})
const reply = { status: 200, body: z.object({ data: frozen }) } as const

export const freezeEnvironment = defineRoute({
  name: 'freezeEnvironment',
  method: 'POST',
  path: '/environment/freeze',
  summary:
    'Stops all use of the environment’s credentials: no call, no refresh, no sign-in, on all nodes within a second. Frozen again: the reason changes.',
  access: { key: ['environment:settings:update'] },
  query: values.nothing,
  body,
  reply,
})

export const unfreezeEnvironment = defineRoute({
  name: 'unfreezeEnvironment',
  method: 'POST',
  path: '/environment/unfreeze',
  summary: 'Lets the environment’s credentials be used again. What is frozen by itself stays so.',
  access: { key: ['environment:settings:update'] },
  query: values.nothing,
  reply,
})

const ofIntegration = { params: z.strictObject({ uniqueKey: values.integrationKey }), query: values.nothing }

export const freezeIntegration = defineRoute({
  name: 'freezeIntegration',
  method: 'POST',
  path: '/integrations/:uniqueKey/freeze',
  summary: 'Stops all use of the credentials of an integration’s connections, and sign-ins for it.',
  access: { key: ['environment:integrations:update'] },
  ...ofIntegration,
  body,
  reply,
  errors: ['unknown_provider_config'],
})

export const unfreezeIntegration = defineRoute({
  name: 'unfreezeIntegration',
  method: 'POST',
  path: '/integrations/:uniqueKey/unfreeze',
  summary: 'Lets the credentials of an integration’s connections be used again.',
  access: { key: ['environment:integrations:update'] },
  ...ofIntegration,
  reply,
  errors: ['unknown_provider_config'],
})

const ofConnection = {
  params: z.strictObject({ connectionId: values.connectionId }),
  query: z.strictObject({ provider_config_key: values.integrationKey }),
}

export const freezeConnection = defineRoute({
  name: 'freezeConnection',
  method: 'POST',
  path: '/connections/:connectionId/freeze',
  summary: 'Stops all use of a connection’s credentials.',
  access: { key: ['environment:connections:update'] },
  ...ofConnection,
  body,
  reply,
  errors: ['unknown_connection', 'unknown_provider_config'],
})

export const unfreezeConnection = defineRoute({
  name: 'unfreezeConnection',
  method: 'POST',
  path: '/connections/:connectionId/unfreeze',
  summary: 'Lets a connection’s credentials be used again.',
  access: { key: ['environment:connections:update'] },
  ...ofConnection,
  reply,
  errors: ['unknown_connection', 'unknown_provider_config'],
})

export const revokeGrants = defineRoute({
  name: 'revokeGrants',
  method: 'POST',
  path: '/environment/revoke',
  summary:
    'Ends the grants of all connections that are named, at once here and by jobs at the provider; the connections stay, and have to be connected again. `dry_run` only counts.',
  access: { key: ['environment:connections:delete'] },
  confirmed: true,
  query: values.nothing,
  body: z.strictObject({
    /** Only this integration’s. */
    integration: values.integrationKey.optional(),
    /** Only these connection ids. */
    connections: z.array(values.connectionId).min(1).max(10_000).optional(),
    dry_run: z.boolean().optional(),
  }),
  reply: {
    status: 200,
    body: z.object({
      data: z
        .object({
          dry_run: z.boolean(),
          /** Connections that the request names and that live on a grant which still works. */
          connections: z.int(),
          /** Grants that were ended, or would be: several connections may live on one. */
          grants: z.int(),
          /** Grants that were not reached in the time of one request: send it again. */
          remaining: z.int(),
        })
        .meta({ id: 'Revocation' }),
    }),
  },
  errors: ['unknown_provider_config'],
})
