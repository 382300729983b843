import type { Incoming } from '../incoming.ts'
import { ControlError } from './control-error.ts'

export type Body = Record<string, unknown>

/** The JSON object of a control request; `{}` without a body. */
export function bodyOf(incoming: Incoming): Body {
  if (incoming.body.length === 0) return {}
  let value: unknown
  try {
    value = JSON.parse(incoming.body.toString('utf8'))
  } catch {
    throw new ControlError('the body is no JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ControlError('the body is no JSON object')
  return value as Body
}

/** A required text. */
export function text(body: Body, name: string): string {
  const value = body[name]
  if (typeof value !== 'string' || value === '') throw new ControlError(`"${name}" is required`)
  return value
}

/** An optional text under its own name, or nothing. */
export function optional<Name extends string>(body: Body, name: Name): { [key in Name]?: string } {
  if (body[name] === undefined) return {}
  return { [name]: text(body, name) } as { [key in Name]: string }
}

/** An optional number, 0 or more, under its own name, or nothing. */
export function optionalNumber<Name extends string>(body: Body, name: Name): { [key in Name]?: number } {
  const value = body[name]
  if (value === undefined) return {}
  if (typeof value !== 'number' || !(value >= 0)) throw new ControlError(`"${name}" is a number, 0 or more`)
  return { [name]: value } as { [key in Name]: number }
}

/** One of the choices; the first where none is given. */
export function oneOf<const Choice extends string>(body: Body, name: string, choices: readonly [Choice, ...Choice[]]): Choice {
  const chosen = body[name] === undefined ? choices[0] : choices.find((one) => one === body[name])
  if (chosen === undefined) throw new ControlError(`"${name}" is ${choices.join(' or ')}`)
  return chosen
}
