import { fail, type ErrorCode, type FieldError } from '@hawser/api/errors.ts'
import type { z } from 'zod'
import { findUnstorable } from './check-values.ts'

const MAX_REPORTED = 20

/** Reads one part of a request by its schema. Throws `code` with every broken field named. */
export function parseInput(schema: z.ZodType | undefined, value: unknown, code: ErrorCode): unknown {
  if (!schema) return undefined
  const unstorable = findUnstorable(value)
  if (unstorable) throw fail(code, { errors: [unstorable] })
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw fail(code, { errors: fieldErrors(result.error) })
}

/** A schema's complaints in the shape of our error answers, for what is not read by `parseInput`. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.slice(0, MAX_REPORTED).map(fieldError)
}

function fieldError(issue: z.core.$ZodIssue): FieldError {
  // A value that fits no variant of a union hides its reasons one level down.
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.flat()[0]
    if (inner) return { code: inner.code, message: textOf(inner), path: [...issue.path, ...inner.path].map(pathPart) }
  }
  return { code: issue.code, message: textOf(issue), path: issue.path.map(pathPart) }
}

/** A field that is not there is called so, rather than `expected string, received undefined`. */
function textOf({ message }: z.core.$ZodIssue): string {
  return message.endsWith('received undefined') ? 'This field is required' : message
}

function pathPart(part: PropertyKey): string | number {
  return typeof part === 'number' ? part : String(part)
}
