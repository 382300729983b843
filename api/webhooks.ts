/** What this server posts to your webhook URL. */
import { z } from 'zod'
import { diagnosis } from './values.ts'

const auth = {
  from: z.literal('nango'),
  type: z.literal('auth'),
  connectionId: z.string(),
  providerConfigKey: z.string(),
  authMode: z.string(),
  provider: z.string(),
  environment: z.string(),
  operation: z.enum(['creation', 'override', 'refresh']),
  tags: z.record(z.string(), z.string()).optional(),
  endUser: z
    .object({
      endUserId: z.string(),
      endUserEmail: z.string().optional(),
      organizationId: z.string().optional(),
      tags: z.record(z.string(), z.string()),
    })
    .optional(),
}

export const authWebhook = z
  .discriminatedUnion('success', [
    z.object({ ...auth, success: z.literal(true) }),
    z.object({
      ...auth,
      success: z.literal(false),
      error: z.object({ type: z.string(), description: z.string() }),
      diagnosis: diagnosis.optional(),
    }),
  ])
  .meta({ id: 'AuthWebhook' })
