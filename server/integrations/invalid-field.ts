import { fail, type Failure } from '@hawser/api/errors.ts'

/** 400 `invalid_body` that names one field, as the schema's own refusals do. */
export function invalidField(path: (string | number)[], message: string): Failure {
  return fail('invalid_body', { errors: [{ code: 'custom', message, path }] })
}
