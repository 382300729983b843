/** A field of the form that an end user fills in, and the closed lists that entries choose from. */
import { z } from 'zod'

export const authModes = [
  'OAUTH2',
  'OAUTH2_CC',
  'OAUTH1',
  'API_KEY',
  'BASIC',
  'NONE',
  'TWO_STEP',
  'JWT',
  'SIGNATURE',
  'TBA',
  'APP',
  'CUSTOM',
  'BILL',
  'AWS_SIGV4',
  'INSTALL_PLUGIN',
  'MCP_OAUTH2',
  'MCP_OAUTH2_GENERIC',
] as const

export const family = z.enum(['salesforce'])
export type Family = z.output<typeof family>

const words = z.string().max(2000)

const pattern = words.refine(
  (source) => {
    try {
      return new RegExp(source).source !== ''
    } catch {
      return false
    }
  },
  { error: 'Not a regular expression' },
)

export const formField = z.strictObject({
  type: z.enum(['string', 'number', 'boolean']).default('string'),
  title: words.optional(),
  description: words.optional(),
  example: words.optional(),
  /** Must match somewhere in the value: anchor it with `^` and `$`. */
  pattern: pattern.optional(),
  format: z.enum(['hostname', 'uri', 'uuid', 'email']).optional(),
  enum: z.array(z.string().max(255)).min(1).max(200).optional(),
  order: z.number().int().optional(),
  /** Shown as dots, stored encrypted. */
  secret: z.boolean().optional(),
  /** Shown before and after the input; not part of the value. */
  prefix: words.optional(),
  suffix: words.optional(),
  optional: z.boolean().optional(),
  default_value: words.optional(),
  hidden: z.boolean().optional(),
  /** Filled by the server, from the token response: never asked, and refused when an end user sends it. */
  automated: z.boolean().optional(),
  doc_section: words.optional(),
  warnings: z.unknown().optional(),
  visible_when: z.strictObject({ field: z.string().max(255), equals: z.unknown() }).optional(),
})
export type FormField = z.output<typeof formField>
