/** A key that makes another credential hands on what it holds, never more. */
import { fail } from '@hawser/api/errors.ts'
import type { Limits } from '@hawser/api/limits.ts'
import type { OwnSide } from '#http/principal.ts'
import { patternCovers } from '#lib/path-pattern.ts'

export interface Wanted {
  limits?: Limits | undefined
  /** ISO 8601. */
  expires_at?: string | undefined
}

export interface HandedOn {
  limits: Limits | undefined
  expiresAt: Date | undefined
}

/** What the new credential is limited to: what is wanted, and where nothing is, what the calling key is limited to. Throws `forbidden`, `invalid_body`. */
export function handedOn(principal: Pick<OwnSide, 'limits' | 'expiresAt'>, wanted: Wanted, nowMs: number): HandedOn {
  const limits = merged(principal.limits, stored(wanted.limits))
  if (!coversLimits(principal.limits, limits))
    throw fail('forbidden', { message: 'The calling key is limited to less than `limits` asks for; it cannot hand that on.' })
  const { expiresAt: ownEnd } = principal
  const end = wanted.expires_at === undefined ? ownEnd : Date.parse(wanted.expires_at)
  if (end !== undefined && end <= nowMs) throw fail('invalid_body', { message: '`expires_at` must lie in the future.' })
  if (ownEnd !== undefined && end !== undefined && end > ownEnd)
    throw fail('forbidden', { message: 'The calling key ends before `expires_at`; it cannot hand on more time than it has.' })
  return { limits, expiresAt: end === undefined ? undefined : new Date(end) }
}

/** Whether everything that `narrow` allows is allowed by `wide`; undefined allows everything. */
export function coversLimits(wide: Limits | undefined, narrow: Limits | undefined): boolean {
  if (wide === undefined) return true
  const within = <T>(all: readonly T[] | undefined, some: readonly T[] | undefined, covers = (one: T, other: T) => one === other) =>
    all === undefined || (some !== undefined && some.every((other) => all.some((one) => covers(one, other))))
  const tags = Object.entries(wide.connections?.tags ?? {})
  const narrowTags = narrow?.connections?.tags ?? {}
  return (
    within(wide.integrations, narrow?.integrations) &&
    within(wide.connections?.ids, narrow?.connections?.ids) &&
    tags.every(([name, value]) => Object.hasOwn(narrowTags, name) && narrowTags[name] === value) &&
    within(wide.methods, narrow?.methods, (one, other) => one === other || (one === 'GET' && other === 'HEAD')) &&
    within(wide.paths, narrow?.paths, patternCovers)
  )
}

function merged(own: Limits | undefined, wanted: Limits | undefined): Limits | undefined {
  if (own === undefined || wanted === undefined) return wanted ?? own
  const connections = { ...own.connections, ...wanted.connections }
  const tags = { ...own.connections?.tags, ...wanted.connections?.tags }
  return {
    ...own,
    ...wanted,
    ...(own.connections || wanted.connections
      ? { connections: { ...connections, ...(Object.keys(tags).length > 0 ? { tags } : {}) } }
      : {}),
  }
}

/** Connections keep the names of their tags in lower case. */
function stored(limits: Limits | undefined): Limits | undefined {
  const tags = limits?.connections?.tags
  if (limits === undefined || tags === undefined) return limits
  const lower = Object.fromEntries(Object.entries(tags).map(([name, value]) => [name.toLowerCase(), value]))
  return { ...limits, connections: { ...limits.connections, tags: lower } }
}
