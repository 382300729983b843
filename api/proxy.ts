/** The headers that steer a proxied call (`ANY /proxy/<path>`). The body and the answer are streamed as they are. */
import { z } from 'zod'
import { connectionId, integrationKey } from './values.ts'

const bool = z.enum(['true', 'false']).transform((value) => value === 'true')
const orEmpty = <T extends z.ZodType>(schema: T) => z.union([z.literal('').transform(() => undefined), schema]).optional()

export const proxyHeaders = z.object({
  'provider-config-key': integrationKey,
  'connection-id': connectionId,
  /** 0 to 10, and never past the deadline. */
  retries: orEmpty(z.coerce.number().int().min(0).max(10)),
  /** Statuses to retry, also for methods that are not idempotent: `429,503`. */
  'retry-on': orEmpty(
    z
      .string()
      .max(200)
      .regex(/^\d{3}(,\d{3})*$/, 'A comma-separated list of statuses')
      .transform((list) => list.split(',').map(Number)),
  ),
  /** Seconds for the whole call with its retries; 60 unless given. */
  'retry-deadline': orEmpty(z.coerce.number().int().min(1).max(600)),
  'base-url-override': orEmpty(z.url({ protocol: /^https?$/ }).max(2000)),
  decompress: orEmpty(bool),
  'forward-headers-on-redirect': orEmpty(bool),
  'nango-activity-log-id': z.string().max(255).optional(),
  'nango-is-sync': orEmpty(bool),
  'nango-is-dry-run': orEmpty(bool),
})

/** With a connection token or a JWT, which name the connection themselves; what is said here must be the same. */
export const connectionProxyHeaders = proxyHeaders.partial({ 'provider-config-key': true, 'connection-id': true })

export type ProxyHeaders = z.output<typeof proxyHeaders>
export type ConnectionProxyHeaders = z.output<typeof connectionProxyHeaders>
export const proxyPrefix = '/proxy'
