import type { FieldError } from '@hawser/api/errors.ts'

const MAX_DEPTH = 32

/**
 * The first value that PostgreSQL's text and jsonb cannot hold (NUL, half a surrogate pair) or that nests too deep.
 * Such input is a caller's mistake; without this check it would surface as a database error.
 */
export function findUnstorable(value: unknown, path: (string | number)[] = []): FieldError | undefined {
  if (typeof value === 'string') return textProblem(value, path)
  if (value === null || typeof value !== 'object') return undefined
  if (path.length >= MAX_DEPTH) return { code: 'too_deep', message: `Nested deeper than ${MAX_DEPTH} levels`, path }
  for (const [key, child] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(key) : key]
    const problem = keyProblem(key, at) ?? textProblem(key, at) ?? findUnstorable(child, at)
    if (problem) return problem
  }
  return undefined
}

/** Schemas skip this key silently; a caller should hear that it was not taken. */
function keyProblem(key: string, path: (string | number)[]): FieldError | undefined {
  return key === '__proto__' ? { code: 'invalid_key', message: 'The name __proto__ is not allowed', path } : undefined
}

function textProblem(text: string, path: (string | number)[]): FieldError | undefined {
  if (text.includes('\0')) return { code: 'invalid_text', message: 'The character U+0000 is not allowed', path }
  if (!text.isWellFormed()) return { code: 'invalid_text', message: 'Half a surrogate pair is not a character', path }
  return undefined
}
