import { z } from 'zod'
import { defineRoute } from './route.ts'
import * as values from './values.ts'

const vault = z
  .object({
    state: z.enum(['live', 'frozen', 'starting']),
    reason: z.string().nullable(),
    /** Why it is frozen, then what to do, step by step; empty while it is live. */
    words: z.array(z.string()),
    epoch: z.string().nullable(),
    key: z.object({
      /** A fingerprint, or the key's name in the key management service. */
      id: z.string(),
      kind: z.enum(['local', 'aws-kms']),
      /** When somebody said that a copy of the key file is kept. */
      backed_up_at: values.timestamp.nullable(),
    }),
    /** Of this environment's key. */
    rotation: z.object({
      generation: z.int(),
      /** Null: never rotated. */
      step: z.enum(['announced', 'rewrapping', 'finished']).nullable(),
      announced_at: values.timestamp.nullable(),
      switched_at: values.timestamp.nullable(),
      finished_at: values.timestamp.nullable(),
      rewrapped: z.int(),
      remaining: z.int(),
    }),
    frozen: z.object({
      total: z.int(),
      /** The latest 100. */
      places: z.array(
        z.object({
          what: z.enum(['environment', 'integration', 'connection']),
          integration: z.string().nullable(),
          connection_id: z.string().nullable(),
          reason: z.string(),
          frozen_at: values.timestamp,
        }),
      ),
    }),
    /** New tokens on this server's disk; `waiting`: those that the database does not have yet. */
    spool: z.object({ files: z.int(), waiting: z.int() }),
    audit_journal: z.object({ bytes: z.int(), max_bytes: z.int() }),
    version: z.string(),
  })
  .meta({ id: 'VaultStatus' })

export const getVault = defineRoute({
  name: 'getVault',
  method: 'GET',
  path: '/vault',
  summary: 'Reads how the vault is doing: its state, its key’s fingerprint, what is frozen. No secret.',
  access: { key: ['environment:settings:read'] },
  query: values.nothing,
  reply: { status: 200, body: z.object({ data: vault }) },
})
