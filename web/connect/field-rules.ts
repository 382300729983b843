/**
 * Which fields of a provider's form are asked, and whether what was typed is of the declared form. Nothing passes here that the server refuses
 * (`server/connect/check-fields.ts`; `field-rules.test.ts` compares the two); the server checks again.
 */
import { normaliseLoginHost } from '@hawser/salesforce/hosts.ts'
import type { FieldAbout, ProviderEntry } from './provider-entry.ts'

export type FieldProblem =
  | { kind: 'required' | 'too_long' | 'hostname' | 'uri' | 'uuid' | 'email' | 'salesforce_address' | 'form' }
  | { kind: 'one_of'; values: readonly string[] }
  | { kind: 'like'; example: string }

export type Field = readonly [name: string, about: FieldAbout]
export type FormValues = Readonly<Record<string, string>>

const LONGEST = 2000

/** What a person is asked for, in the catalogue's order; `filled`: names that the session has filled in. */
export function fieldsOf(provider: ProviderEntry, filled: readonly string[] = []): Field[] {
  return Object.entries(provider.connection_config ?? {})
    .filter(([name, about]) => !isFilledByServer(provider, name, about) && about.hidden !== true && !filled.includes(name))
    .sort(([, one], [, other]) => (one.order ?? 0) - (other.order ?? 0))
}

function isFilledByServer(provider: ProviderEntry, name: string, about: FieldAbout): boolean {
  if (about.automated === true || provider.token_response_metadata?.includes(name) === true) return true
  return provider.family === 'salesforce' && ['instance_url', 'org_id', 'user_id'].includes(name)
}

/** `filled`: what the session has set, for fields that depend on those. */
export function visibleFields(fields: readonly Field[], values: FormValues, filled: Readonly<Record<string, unknown>> = {}): Field[] {
  return fields.filter(([, { visible_when: condition }]) => {
    if (!condition) return true
    const value = values[condition.field] ?? filled[condition.field] ?? ''
    return String(value) === String(condition.equals)
  })
}

/** What each field begins with. */
export function firstValues(fields: readonly Field[], typed: FormValues = {}): Record<string, string> {
  return Object.fromEntries(fields.map(([name, about]) => [name, typed[name] ?? about.default_value ?? '']))
}

/** What is sent: trimmed, without what is empty. */
export function paramsFrom(fields: readonly Field[], values: FormValues): Record<string, string> {
  const trimmed = fields.map(([name]) => [name, (values[name] ?? '').trim()] as const)
  return Object.fromEntries(trimmed.filter(([, value]) => value !== ''))
}

/** By field; empty: all is well. */
export function problemsIn(provider: ProviderEntry, fields: readonly Field[], values: FormValues): Map<string, FieldProblem> {
  const problems = new Map<string, FieldProblem>()
  for (const [name, about] of fields) {
    const problem = problemOf(provider, name, about, (values[name] ?? '').trim())
    if (problem) problems.set(name, problem)
  }
  return problems
}

function problemOf(provider: ProviderEntry, name: string, about: FieldAbout, value: string): FieldProblem | undefined {
  if (value === '') return about.optional === true || about.default_value !== undefined ? undefined : { kind: 'required' }
  // oxlint-disable-next-line no-control-regex -- the server refuses them
  if (value.length > LONGEST || /[\u0000-\u001f\u007f]/.test(value)) return { kind: 'too_long' }
  const normal = normalised(provider, name, value)
  if (normal === undefined) return { kind: 'salesforce_address' }
  if (about.enum && !about.enum.includes(normal)) return { kind: 'one_of', values: about.enum }
  if (about.pattern !== undefined && !new RegExp(about.pattern).test(normal))
    return about.example === undefined ? { kind: 'form' } : { kind: 'like', example: about.example }
  return about.format !== undefined && !FORMATS[about.format].test(normal) ? { kind: about.format } : undefined
}

/** As the server rewrites it before it is checked: `acme--uat` is a host name by then. undefined: no address of an org. */
function normalised(provider: ProviderEntry, name: string, value: string): string | undefined {
  if (provider.family !== 'salesforce' || name !== 'hostname' || provider.allowed_hosts?.includes(value) === true) return value
  const host = normaliseLoginHost(value)
  return host.ok ? host.host : undefined
}

/** The org's login host, if that is what the text stands for and not what it says already. */
export function understoodAs(provider: ProviderEntry, name: string, text: string): string | undefined {
  const value = text.trim()
  if (value === '' || provider.family !== 'salesforce' || name !== 'hostname') return undefined
  const host = normalised(provider, name, value)
  return host === value.toLowerCase() ? undefined : host
}

const FORMATS: Record<NonNullable<FieldAbout['format']>, RegExp> = {
  hostname: /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/i,
  uri: /^https?:\/\/[a-z0-9.-]+(:\d{1,5})?(\/[^\s@\\]*)?$/i,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  email: /^[^\s@<>"\\]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/i,
}
