import { isIP } from 'node:net'
import { ORG_KINDS, type State } from '../state.ts'
import { ControlError } from './control-error.ts'

/** What makes a thing findable never changes behind the back of what points to it. */
const FIXED = new Set(['key', 'id', 'orgKey', 'username', 'developerName', 'consumers', 'createdAt', 'copies', 'metadata'])

const NULLABLE = new Set([
  'instanceUrlOverride',
  'trialExpirationDate',
  'namespacePrefix',
  'sandboxName',
  'sourceOrgKey',
  'sessionTimeoutMin',
  'runAs',
  'certificatePem',
  'orgKey',
  'username',
])

const CHOICES: Record<string, string[]> = {
  rtPolicy: ['Infinite', 'Zero', 'SpecificLifetime', 'SpecificInactivity'],
  rtUnit: ['Hours', 'Days', 'Months'],
  permittedUsers: ['AllSelfAuthorized', 'AdminApprovedPreAuthorized'],
  ipRelaxation: ['Enforce', 'Bypass', 'Bypass_2factor', 'Enforce_RelaxRefresh'],
  requiredSessionLevel: ['LOW', 'STANDARD', 'HIGH_ASSURANCE'],
  distribution: ['Local', 'Packaged'],
  type: ['eca', 'ca'],
  kind: [...ORG_KINDS],
  decision: ['allow', 'deny', 'ask'],
  faultsApplyTo: ['all', 'token', 'data'],
}

/** Where null stands, this tells what may stand there instead. */
const NUMBER_WHERE_NULL = new Set(['sessionTimeoutMin'])

const RANGES = new Set(['loginIpRanges', 'tokenIpRanges', 'trustedIps'])

/** The steps of `knobs.latencyMs`, or of `/users/ann@acme.example/active` where names hold dots. */
function stepsOf(path: string): string[] {
  return path.startsWith('/') ? path.slice(1).split('/') : path.split('.')
}

/**
 * Sets one value of the state: `knobs.*`, `browser.*`, `orgs.<key>.*`, `users/<username>/*`, `apps.<developerName>.*`. Throws ControlError
 * unless the path exists and the value has the type of what stands there.
 */
export function setValue(state: State, path: string, value: unknown): void {
  const steps = stepsOf(path)
  const [root, ...rest] = steps
  const last = rest.pop()
  if (last === undefined) throw new ControlError(`"${path}" names no value`)
  const roots: Record<string, unknown> = {
    knobs: state.knobs,
    browser: state.browser,
    orgs: Object.fromEntries(state.orgs),
    users: Object.fromEntries(state.users),
    apps: Object.fromEntries(state.apps),
  }
  let target: unknown = Object.hasOwn(roots, root ?? '') ? roots[root ?? ''] : undefined
  for (const step of rest) target = isObject(target) && Object.hasOwn(target, step) ? target[step] : undefined
  const anonymous = root === 'orgs' || root === 'users' || root === 'apps'
  if (!isObject(target) || (anonymous && rest.length === 0)) throw new ControlError(`"${path}" does not exist`)
  if (root !== 'browser' && FIXED.has(last)) throw new ControlError(`"${last}" cannot be changed`)
  assign(target, last, value)
}

/** Sets several values of one new thing, nested objects included; those named in `except` were used already. */
export function assignAll(target: object, given: Record<string, unknown>, except: string[]): void {
  for (const [name, value] of Object.entries(given)) {
    if (except.includes(name)) continue
    const inner = isObject(target) && Object.hasOwn(target, name) ? target[name] : undefined
    if (isObject(inner) && isObject(value)) assignAll(inner, value, [])
    else if (FIXED.has(name)) throw new ControlError(`"${name}" cannot be set`)
    else if (isObject(target)) assign(target, name, value)
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function assign(target: Record<string, unknown>, name: string, value: unknown): void {
  if (!Object.hasOwn(target, name)) throw new ControlError(`"${name}" does not exist`)
  if (!fits(name, target[name], value)) throw new ControlError(`"${name}" does not take this value`)
  target[name] = value
}

function fits(name: string, current: unknown, value: unknown): boolean {
  if (value === null) return NULLABLE.has(name)
  if (Object.hasOwn(CHOICES, name)) return typeof value === 'string' && (CHOICES[name]?.includes(value) ?? false)
  if (Array.isArray(current)) return Array.isArray(value) && value.every(RANGES.has(name) ? isRange : isString)
  const wanted = current === null ? (NUMBER_WHERE_NULL.has(name) ? 'number' : 'string') : typeof current
  if (wanted === 'number') return typeof value === 'number' && Number.isFinite(value) && value >= 0
  return wanted !== 'object' && typeof value === wanted
}

function isString(value: unknown): boolean {
  return typeof value === 'string'
}

function isRange(value: unknown): boolean {
  if (!isObject(value)) return false
  const { start, end } = value
  return typeof start === 'string' && typeof end === 'string' && isIP(start) !== 0 && isIP(start) === isIP(end)
}
