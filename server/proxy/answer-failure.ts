/** Error answers of both doors, written to the raw response. */
import type { Failure } from '@hawser/api/errors.ts'
import { errorBody } from '@hawser/api/errors.ts'
import { diagnosisOfFailure } from '#diagnosis/hawser-errors.ts'
import type { Exchange } from './exchange.ts'
import { dealWithRestOfBody } from './exchange.ts'
import type { Door } from './request-headers.ts'

/** `authenticated`: how patiently a body that is still on its way is received. */
export function answerFailure(exchange: Exchange, door: Door, failure: Failure, authenticated: boolean): void {
  const { response } = exchange
  if (exchange.gone) return
  if (response.headersSent) {
    response.destroy()
    return
  }
  const body = Buffer.from(JSON.stringify(failureBody(door, failure)))
  const head = ['content-type', 'application/json; charset=utf-8', 'content-length', String(body.length), 'cache-control', 'no-store']
  if (failure.details.retryAfter !== undefined) head.push('retry-after', String(Math.max(0, Math.ceil(failure.details.retryAfter))))
  // RFC 9110 §15.5.2: a 401 names the scheme.
  if (failure.status === 401) head.push('www-authenticate', 'Bearer')
  // RFC 9110 §15.5.6
  if (failure.status === 405) head.push('allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS')
  head.push(...dealWithRestOfBody(exchange, authenticated))
  response.writeHead(failure.status, head)
  response.end(body)
}

/** Salesforce's REST shape at the gateway, which jsforce, the sf CLI and simple-salesforce read and show. */
export function failureBody(door: Door, failure: Failure): unknown {
  failure.details.diagnosis = diagnosisOfFailure(failure)
  if (door === 'proxy') return errorBody(failure)
  return [{ errorCode: failure.code, message: failure.message }]
}
