import { inspect } from 'node:util'

// A module-private map holds the values: a property, even a symbol one, is found by loggers that walk objects
// (pino, util.inspect with showHidden, error reporters) and by a debugger's heap summary of the wrapper.
const values = new WeakMap<object, string>()

declare const brand: unique symbol

/** A value that prints `[secret]` in JSON, logs, templates and `util.inspect`. Read it with `reveal`, as late as possible. */
export type Secret<T extends string = string> = {
  readonly [brand]: T
  toString(): '[secret]'
  toJSON(): '[secret]'
}

const MASK = '[secret]'
const mask = (): string => MASK

const secretPrototype = Object.freeze({
  toString: mask,
  toJSON: mask,
  [Symbol.toPrimitive]: mask,
  [inspect.custom]: mask,
})

/** Wraps a value; wrapping the same value twice gives two different objects. */
export const secret = <T extends string>(value: T): Secret<T> => {
  const wrapped: object = Object.freeze(Object.create(secretPrototype))
  values.set(wrapped, value)
  return wrapped as Secret<T>
}

export const isSecret = (value: unknown): value is Secret => typeof value === 'object' && value !== null && values.has(value)

/** The value itself. A copy of a secret (spread, structuredClone, JSON) holds nothing and throws here. */
export const reveal = <T extends string>(wrapped: Secret<T>): T => {
  const value = values.get(wrapped)
  if (value === undefined) throw new TypeError('not a secret, or a copy of one')
  return value as T
}
