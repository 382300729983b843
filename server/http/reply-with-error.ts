/** The one place that turns an error into an answer. Failures say what to do; anything else says nothing but a request id. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { diagnosisOfFailure } from '#diagnosis/hawser-errors.ts'
import { Failure, errorBody, fail, type ErrorCode } from '@hawser/api/errors.ts'

/** Fastify's own refusals, in our words. */
const FRAMEWORK_CODES: Record<string, ErrorCode> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'invalid_content_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
  FST_ERR_BAD_URL: 'invalid_uri_params',
}

export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error
  const code = error instanceof Error && 'code' in error ? FRAMEWORK_CODES[String(error.code)] : undefined
  if (code) return fail(code)
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  if (status >= 400 && status < 500) return fail('invalid_request')
  return fail('server_error', { cause: error })
}

export function replyWithError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const failure = failureOf(error)
  if (failure.status >= 500) request.log.error({ err: failure.details.cause ?? failure, internal: failure.details.internal }, failure.code)
  if (failure.code === 'server_error')
    failure.message = `Something went wrong on our side. The log has the details under request id ${request.id}.`
  if (failure.details.retryAfter !== undefined) void reply.header('retry-after', String(Math.max(1, Math.ceil(failure.details.retryAfter))))
  if (failure.status === 401) void reply.header('www-authenticate', 'Bearer')
  failure.details.diagnosis = diagnosisOfFailure(failure)
  void reply.code(failure.status).type('application/json; charset=utf-8').send(errorBody(failure))
}
