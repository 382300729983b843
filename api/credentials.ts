/** What each auth mode stores and hands out. Dates are ISO strings. */
import { z } from 'zod'
import { timestamp } from './values.ts'

export const clientOverride = z.strictObject({
  client_id: z.string().min(1).max(255),
  client_secret: z.string().min(1).max(2048).optional(),
})

export const oauth2Credentials = z
  .object({
    type: z.literal('OAUTH2'),
    access_token: z.string(),
    refresh_token: z.string().optional(),
    expires_at: timestamp.optional(),
    config_override: z.object({ client_id: z.string().optional() }).optional(),
    raw: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'OAuth2Credentials' })

/** An empty object: the key may not read credentials, or the mode has none. */
export const credentials = z.union([oauth2Credentials, z.strictObject({})]).meta({ id: 'Credentials' })

/** Credentials that come from elsewhere (another platform's export, a migration). */
export const oauth2Import = z.strictObject({
  type: z.literal('OAUTH2'),
  access_token: z.string().min(1).max(16384),
  refresh_token: z.string().min(1).max(16384).optional(),
  expires_at: z.union([timestamp, z.iso.date()]).optional(),
  config_override: clientOverride.optional(),
})
export const credentialsImport = z.discriminatedUnion('type', [oauth2Import, z.strictObject({ type: z.literal('NONE') })])
