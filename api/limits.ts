/** What narrows an API key beyond its scopes. Every field that is given narrows; one that is not restricts nothing. */
import { z } from 'zod'
import * as values from './values.ts'

export const proxiedMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

const noneTwice = (list: readonly string[]) => new Set(list).size === list.length

/** Of calls through `/proxy` and the gateway. `GET` allows HEAD too. */
const methods = z.array(z.enum(proxiedMethods)).min(1).max(proxiedMethods.length).refine(noneTwice, 'A method is listed twice')

/**
 * `*` stands for any text within one part of the path; `/*` at the end for everything below. Without a query string, and nothing encoded: a pattern is held
 * against the path as the provider's host reads it.
 */
export const pathPattern = z
  .string()
  .min(1)
  .max(500)
  .regex(/^\/[A-Za-z0-9\-._~!$&'()+,:=@*/]*$/, 'A path begins with / and holds no encoded characters, no query string and no ;')
  .refine((path) => !path.includes('**') && !path.includes('//'), '`**` and `//` are not patterns')
  .refine((path) => !path.split('/').some((part) => part === '.' || part === '..'), 'Leave out . and ..')

const paths = z.array(pathPattern).min(1).max(50)

/** Of one proxied call. Request line and headers are looked at, bodies are not: a batch endpoint that is allowed does what its body says. */
export const callLimits = { methods: methods.optional(), paths: paths.optional() }

const connectionLimits = z
  .strictObject({
    ids: z.array(values.connectionId).min(1).max(100).optional(),
    /** All of them must be on the connection. */
    tags: values.tags.refine((tags) => Object.keys(tags).length > 0, 'Name at least one tag').optional(),
  })
  .refine(({ ids, tags }) => ids !== undefined || tags !== undefined, 'Give `ids`, `tags` or both')

export const keyLimits = z
  .strictObject({
    /** Keys of integrations. */
    integrations: z.array(values.integrationKey).min(1).max(100).optional(),
    /** With `ids` and `tags` a connection has to fit both. */
    connections: connectionLimits.optional(),
    ...callLimits,
  })
  .refine((limits) => Object.values(limits).some((value) => value !== undefined), 'Give at least one limit')

export type Limits = z.output<typeof keyLimits>

/** As answers show them. */
export const shownLimits = z
  .object({
    integrations: z.array(z.string()).optional(),
    connections: z.object({ ids: z.array(z.string()).optional(), tags: z.record(z.string(), z.string()).optional() }).optional(),
    methods: z.array(z.enum(proxiedMethods)).optional(),
    paths: z.array(z.string()).optional(),
  })
  .meta({ id: 'KeyLimits' })
