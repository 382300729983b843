/** Holds what an end user or a session sent against the provider's form. The browser's own checks are only a courtesy: anyone can call the URL. */
import type { FieldError } from '@hawser/api/errors.ts'
import type { FormField } from '#providers/form-field.ts'
import type { Provider } from '#providers/schema.ts'
import { quirkOf } from '#quirks/all.ts'

export interface FieldSources {
  /** From the browser: declared fields only. */
  params: Record<string, string>
  /** From the backend's session; wins, and may set names that the form does not have. */
  defaults: Record<string, unknown>
}

/** The code of an error that the person at the form can correct; its message is written for that person. */
export const MISTYPED = 'invalid'

export type CheckedFields = { ok: true; connectionConfig: Record<string, unknown> } | { ok: false; errors: FieldError[] }

/** Names in both sources that are no fields: they steer the sign-in, or are set elsewhere. */
const NOT_FIELDS: readonly string[] = [
  'webhook_url',
  'oauth_scopes_override',
  'oauth_client_id_override',
  'oauth_client_secret_override',
  'oauth_refresh_token_override',
]

export function checkFields(provider: Provider, { params, defaults }: FieldSources): CheckedFields {
  const fields = provider.connection_config ?? {}
  const errors: FieldError[] = []
  const connectionConfig: Record<string, unknown> = {}
  const refuse = (name: string, message: string, code = MISTYPED) => void errors.push({ code, message, path: ['params', name] })

  const given = new Map<string, { value: unknown; trusted: boolean }>()
  for (const [name, value] of Object.entries(params)) given.set(name, { value, trusted: false })
  for (const [name, value] of Object.entries(defaults)) given.set(name, { value, trusted: true })
  for (const [name, { value, trusted }] of given) {
    if (NOT_FIELDS.includes(name) || isBlank(value)) continue
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (isFilledByServer(provider, name)) refuse(name, 'This value comes from the provider and cannot be set.', 'forbidden')
    else if (field === undefined && !trusted) refuse(name, 'The provider has no field of this name.', 'forbidden')
    else if (field === undefined) connectionConfig[name] = value
    else {
      const checked = checkValue(provider, name, field, value)
      if (checked.ok) connectionConfig[name] = checked.value
      else refuse(name, checked.reason, trusted ? 'forbidden' : MISTYPED)
    }
  }
  for (const [name, field] of Object.entries(fields)) {
    if (Object.hasOwn(connectionConfig, name) || errors.some((error) => error.path[1] === name)) continue
    if (field.default_value !== undefined) connectionConfig[name] = field.default_value
    else if (field.optional !== true && !isFilledByServer(provider, name) && field.visible_when === undefined)
      refuse(name, `${field.title ?? name} is required.`)
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, connectionConfig }
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
}

/** Declared `automated`, or read from the token answer: whoever could set `instance_url` could send tokens elsewhere. */
function isFilledByServer(provider: Provider, name: string): boolean {
  const field = Object.hasOwn(provider.connection_config ?? {}, name) ? provider.connection_config?.[name] : undefined
  if (field?.automated === true) return true
  if (provider.token_response_metadata?.includes(name) === true) return true
  return provider.family === 'salesforce' && ['instance_url', 'org_id', 'user_id'].includes(name)
}

type Checked = { ok: true; value: string } | { ok: false; reason: string }

function checkValue(provider: Provider, name: string, field: FormField, value: unknown): Checked {
  const label = field.title ?? name
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    return { ok: false, reason: `${label} must be a text.` }
  const text = String(value).trim()
  // oxlint-disable-next-line no-control-regex -- they would end a header or a log line
  if (text.length > 2000 || /[\u0000-\u001f\u007f]/.test(text))
    return { ok: false, reason: `${label} is too long, or holds control characters.` }
  const normal = quirkOf(provider).normaliseField(provider, name, text)
  if (!normal.ok) return normal
  if (field.enum && !field.enum.includes(normal.value)) return { ok: false, reason: `${label} must be one of: ${field.enum.join(', ')}.` }
  if (field.pattern !== undefined && !new RegExp(field.pattern).test(normal.value)) {
    return {
      ok: false,
      reason: field.example === undefined ? `${label} does not have the expected form.` : `${label} must look like ${field.example}.`,
    }
  }
  if (field.format !== undefined && !FORMATS[field.format].test(normal.value))
    return { ok: false, reason: `${label} must be ${FORMAT_NAMES[field.format]}.` }
  return normal
}

const FORMATS: Record<NonNullable<FormField['format']>, RegExp> = {
  hostname: /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/i,
  uri: /^https?:\/\/[a-z0-9.-]+(:\d{1,5})?(\/[^\s@\\]*)?$/i,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  email: /^[^\s@<>"\\]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/i,
}
const FORMAT_NAMES: Record<keyof typeof FORMATS, string> = {
  hostname: 'a host name',
  uri: 'an address that begins with https://',
  uuid: 'a UUID',
  email: 'an email address',
}
