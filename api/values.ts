/** The small values that several resources share. */
import { z } from 'zod'

const text = (max: number) => z.string().min(1).max(max)

export const integrationKey = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[a-zA-Z0-9~:.@ _-]+$/, 'Only letters, digits, spaces and ~ : . @ _ - are allowed')
export const connectionId = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[a-zA-Z0-9,.;:=+~[\]|@${}"'\\/_ -]+$/, 'Only letters, digits, spaces and , . ; : = + ~ [ ] | @ $ { } " \' \\ / _ - are allowed')
export const providerName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[a-zA-Z0-9_-]+$/, 'Only letters, digits, _ and - are allowed')

/** ISO 8601 with a time zone. */
export const timestamp = z.iso.datetime({ offset: true })

export const tagKey = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-zA-Z][a-zA-Z0-9_\-./]*$/, 'A tag name starts with a letter; then letters, digits and _ - . / are allowed')

/** Up to ten; names are kept in lower case. */
export const tags = z.record(tagKey, text(255)).superRefine((value, context) => {
  const names = Object.keys(value)
  if (names.length > 10) context.addIssue({ code: 'custom', message: 'At most 10 tags are allowed' })
  if (new Set(names.map((name) => name.toLowerCase())).size !== names.length)
    context.addIssue({ code: 'custom', message: 'Two tag names differ only in case' })
  const email = Object.entries(value).find(([name]) => name.toLowerCase() === 'end_user_email')?.[1]
  if (email !== undefined && !z.email().safeParse(email).success)
    context.addIssue({ code: 'custom', message: 'end_user_email must be an email address', path: ['end_user_email'] })
})

export const endUserInput = z.strictObject({
  id: text(255),
  email: z.email().min(5).max(255).optional(),
  display_name: text(255).optional(),
  tags: z
    .record(z.string().max(64), z.string().max(255))
    .refine((value) => Object.keys(value).length <= 10, 'At most 10 tags are allowed')
    .optional(),
})

export const organizationInput = z.strictObject({ id: text(255), display_name: text(255).optional() })

export const endUser = z
  .object({
    id: z.string(),
    display_name: z.string().nullable(),
    email: z.string().nullable(),
    tags: z.record(z.string(), z.string()).nullable(),
    organization: z.object({ id: z.string(), display_name: z.string().nullable() }).nullable(),
  })
  .meta({ id: 'EndUser' })

/** An absolute http(s) URL, or an empty string to clear it. */
export const webhookUrlOverride = z.union([
  z.literal(''),
  z.url({ protocol: /^https?$/, error: 'An absolute http(s) URL, or an empty string' }).max(2000),
])

export const metadata = z.record(z.string().max(255), z.unknown())

/** A whole number in a query string, in plain decimal digits. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'A whole number')
    .transform(Number)
    .pipe(z.int().min(min).max(max))

/** `true/false, 1/0, yes/no, on/off, y/n` */
export const flag = z.stringbool().optional().default(false)

export const nothing = z.strictObject({})
export const success = z.object({ success: z.boolean() })

/** What went wrong, why, and what to do, for an engineer and for her end user. */
export const diagnosis = z
  .object({
    /** Stable: switch over it. */
    code: z.string(),
    class: z.enum(['transient', 'limit', 'config', 'reconnect', 'customer_admin', 'user', 'bug']),
    /** Who can end it. */
    actor: z.enum(['developer', 'customer_admin', 'end_user', 'salesforce', 'provider', 'hawser']),
    /** Goes away by itself. */
    transient: z.boolean(),
    title: z.string(),
    cause: z.string(),
    /** Steps for the engineer, in their order. */
    fix: z.array(z.string()),
    /** For the person who connects, in plain words. */
    end_user_text: z.string(),
    /** `V` verified in documentation, `V-obs` seen by somebody on a live org, `M` commonly known, `?` unknown. */
    confidence: z.enum(['V', 'V-obs', 'M', '?']),
    source: z.string(),
    /** Page that says more, as a path of this server. */
    docs: z.string().nullable(),
    /** What was seen: ids, hosts, statuses. */
    evidence: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  })
  .meta({ id: 'Diagnosis' })
