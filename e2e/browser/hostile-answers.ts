/** Answers in which every text is an attack, as far as the contract lets it be one. */
import { z } from 'zod'
import type { Route } from '@hawser/api/route.ts'
import { peopleRoutes, routes } from '@hawser/api/routes.ts'
import { Refusal, type Answers } from './stub-api.ts'

/** What a script of the attacker's would set. */
export const RAN = 'attackRan'
const ATTACKS = [
  `"><img src=x onerror="window.${RAN}=1">`,
  `</script><script>window.${RAN}=1</script>`,
  `<svg/onload=window.${RAN}=1>`,
  `'-(window.${RAN}=1)-'`,
  `javascript:window.${RAN}=1//`,
  `{{constructor.constructor('window.${RAN}=1')()}}`,
]
const LINK = `javascript:window.${RAN}=1//`
const LINKS = /(^|_)(url|uri|docs|link|logo|href|source|path)$/
/** What pages choose by, rather than show; roles and scopes decide what is there at all. */
const CHOOSES = /^(role|scopes|ways|state|kind|type|class|outcome|level|auth_mode|default_theme|(light|dark)_primary|session_id)$/
const MOST_REPAIRS = 500

export const HOSTILE_MESSAGE = `${ATTACKS[0]}${ATTACKS[1]}`

export function hostileAnswers(usual: Answers): Answers {
  const all = [...routes, ...peopleRoutes] as readonly Route[]
  return Object.fromEntries(
    all.map((route) => [
      route.name,
      async (call: Parameters<Answers[string]>[0]) => {
        if (route.method !== 'GET' && route.name !== 'readLink') throw new Refusal(400, 'invalid_body', HOSTILE_MESSAGE)
        return hostile(route, usual[route.name] ? await usual[route.name]!(call) : sampleOf(route))
      },
    ]),
  )
}

function hostile(route: Route, usual: unknown): unknown {
  let number = 0
  const attacked = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((one) => attacked(one, key))
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, attacked(one, name)]))
    if (typeof value !== 'string' || CHOOSES.test(key) || /^\d{4}-\d\d-\d\dT/.test(value)) return value
    return LINKS.test(key) ? LINK : `${ATTACKS[number % ATTACKS.length]} ${number++}`
  }
  return fitting(route, attacked(usual, ''), usual)
}

/** Puts the usual value back wherever the contract does not let the attack through. */
function fitting(route: Route, changed: unknown, usual: unknown): unknown {
  for (let repairs = 0; repairs < MOST_REPAIRS; repairs++) {
    const issue = route.reply.body?.safeParse(changed).error?.issues[0]
    if (!issue) return changed
    const path = [...issue.path] as string[]
    const last = path.pop()
    if (last === undefined) return usual
    const at = (whole: unknown) => path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], whole)
    ;(at(changed) as Record<string, unknown>)[last] = (at(usual) as Record<string, unknown>)[last]
  }
  throw new Error(`${route.name}: no answer that fits`)
}

interface Shape {
  type?: string
  const?: unknown
  enum?: unknown[]
  format?: string
  pattern?: string
  anyOf?: Shape[]
  oneOf?: Shape[]
  allOf?: Shape[]
  items?: Shape
  minimum?: number
  properties?: Record<string, Shape>
  additionalProperties?: Shape | boolean
  $ref?: string
  $defs?: Record<string, Shape>
}

/** One of everything that the contract names, so that a page has something to show. */
function sampleOf(route: Route): unknown {
  if (!route.reply.body) return undefined
  const root = z.toJSONSchema(route.reply.body, { io: 'input', unrepresentable: 'any' }) as Shape
  const texts: Record<string, string> = {
    'date-time': new Date(Date.now() + 3_600_000).toISOString(),
    uuid: '0193f0a0-0000-7000-8000-000000000009',
  }
  const made = (shape: Shape, depth: number): unknown => {
    if (depth > 12) return null
    if (shape.$ref) return made(root.$defs?.[shape.$ref.split('/').at(-1)!] ?? {}, depth + 1)
    if (shape.const !== undefined) return shape.const
    if (shape.enum) return shape.enum[0]
    const [first] = shape.anyOf ?? shape.oneOf ?? []
    if (first) return made(first, depth + 1)
    if (shape.allOf) return Object.assign({}, ...shape.allOf.map((one) => made(one, depth + 1)))
    if (shape.properties) return Object.fromEntries(Object.entries(shape.properties).map(([name, one]) => [name, made(one, depth + 1)]))
    if (shape.type === 'object')
      return typeof shape.additionalProperties === 'object' ? { a: made(shape.additionalProperties, depth + 1) } : {}
    if (shape.type === 'array') return shape.items ? [made(shape.items, depth + 1)] : []
    if (shape.type === 'boolean') return true
    if (shape.type === 'integer' || shape.type === 'number') return Math.max(shape.minimum ?? 1, 1)
    return texts[shape.format ?? ''] ?? 'text'
  }
  return made(root, 0)
}
