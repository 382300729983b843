/**
 * One attempt at the provider: request out, answer back, both with backpressure. The answer's head decides what becomes of the body:
 * streamed to the caller as it comes, held to be looked at, or thrown away.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { Egress } from '#egress/dispatcher.ts'
import { describeNetworkError } from '#egress/network-error.ts'
import type { NetworkErrorDescription } from '#egress/network-error.ts'
import type { Exchange } from './exchange.ts'
import { dealWithRestOfBody } from './exchange.ts'
import type { RequestBody } from './request-body.ts'
import type { ProxySettings } from './settings.ts'

export interface Attempt {
  origin: string
  path: string
  method: string
  headers: string[]
  body: RequestBody
  /** Until the answer begins; while a body streams, since its last progress. */
  timeoutMs: number
}

/** What to do with an answer's body. `hold`: up to `bytes`; a larger one is streamed after all. */
export type Plan = { kind: 'stream' } | { kind: 'hold'; bytes: number } | { kind: 'drop' }

export type Outcome =
  /** The caller has it. */
  | { kind: 'streamed'; status: number }
  | { kind: 'held'; status: number; headers: IncomingHttpHeaders; body: Buffer }
  | { kind: 'dropped'; status: number; headers: IncomingHttpHeaders }
  /** No answer, and none was begun to the caller. */
  | { kind: 'failed'; error: NetworkErrorDescription }
  /** The answer broke off after its head had gone to the caller, who was cut off too. */
  | { kind: 'broken'; status: number }
  | { kind: 'gone' }

export interface Receiver {
  plan: (status: number, headers: IncomingHttpHeaders) => Plan
  /** The head that the caller gets. */
  head: (headers: IncomingHttpHeaders) => string[]
}

/** Reading this much of an answer nobody wants is cheaper than a new connection. */
const DROP_BYTES = 64 * 1024

export function forward(
  egress: Egress,
  exchange: Exchange,
  attempt: Attempt,
  receiver: Receiver,
  settings: ProxySettings,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const { body } = attempt
    const transfer = receive(exchange, receiver, settings, resolve)
    const timer = setTimeout(transfer.timeOut, attempt.timeoutMs)
    transfer.timer = timer
    if (body.kind === 'stream') body.onProgress(() => timer.refresh())
    exchange.onGone = transfer.callerGone
    // undici's own timer for the head is the second line: it does not see the wait for a free connection.
    const headersTimeout = Math.max(attempt.timeoutMs, settings.idleMs)
    egress.dispatcher.dispatch(
      {
        origin: attempt.origin,
        path: attempt.path,
        method: attempt.method,
        headers:
          body.kind === 'stream' && body.length !== undefined ? [...attempt.headers, 'content-length', body.length] : attempt.headers,
        body: body.kind === 'none' ? null : body.kind === 'kept' ? body.bytes : body.stream,
        headersTimeout,
        bodyTimeout: settings.idleMs,
      },
      transfer.handler,
    )
  })
}

interface Transfer {
  handler: Dispatcher.DispatchHandler
  timer: NodeJS.Timeout | undefined
  timeOut: () => void
  callerGone: () => void
}

function receive(exchange: Exchange, receiver: Receiver, settings: ProxySettings, resolve: (outcome: Outcome) => void): Transfer {
  const { response } = exchange
  let controller: Dispatcher.DispatchController | undefined
  let plan: Plan | undefined
  let status = 0
  let headers: IncomingHttpHeaders = {}
  let ended = false
  let held: Buffer[] = []
  let size = 0
  let stalled: NodeJS.Timeout | undefined

  const finish = (outcome: Outcome): void => {
    if (ended) return
    ended = true
    clearTimeout(transfer.timer)
    if (stalled !== undefined) clearTimeout(stalled)
    exchange.onGone = undefined
    resolve(outcome)
  }
  const cut = (outcome: Outcome, reason: string): void => {
    finish(outcome)
    controller?.abort(new Error(reason))
  }
  const failWith = (error: unknown): void => {
    if (ended) return
    if (plan?.kind === 'stream') {
      // The head is out: only a cut tells the caller that the answer is not whole.
      response.destroy()
      return finish({ kind: 'broken', status })
    }
    const description = describeNetworkError(error)
    finish({ kind: 'failed', error: { ...description, sent: description.sent && controller !== undefined } })
  }

  const resume = (): void => {
    clearTimeout(stalled)
    stalled = undefined
    controller?.resume()
  }
  const write = (chunk: Buffer): void => {
    if (response.write(chunk) || stalled !== undefined) return
    controller?.pause()
    response.once('drain', resume)
    stalled = setTimeout(() => response.destroy(), settings.stallMs)
  }
  const startStreaming = (): void => {
    clearTimeout(transfer.timer)
    const head = receiver.head(headers)
    response.writeHead(status, exchange.request.complete ? head : [...head, ...dealWithRestOfBody(exchange, true)])
    plan = { kind: 'stream' }
    for (const chunk of held) write(chunk)
    held = []
  }

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: (started) => {
      controller = started
      // Given up while it waited for a connection: aborted here, nothing is written.
      if (ended) started.abort(new Error('no longer wanted'))
    },
    onResponseStart: (_controller, statusCode, answered) => {
      if (statusCode < 200 || ended) return
      status = statusCode
      headers = answered
      const wanted = receiver.plan(statusCode, answered)
      if (wanted.kind === 'stream') return startStreaming()
      plan = wanted
      if (wanted.kind === 'drop' && Number(answered['content-length'] ?? 0) > DROP_BYTES)
        cut({ kind: 'dropped', status, headers }, 'not wanted')
    },
    onResponseData: (_controller, chunk) => {
      if (ended || plan === undefined) return
      if (plan.kind === 'stream') return write(chunk)
      size += chunk.length
      if (plan.kind === 'drop') {
        if (size > DROP_BYTES) cut({ kind: 'dropped', status, headers }, 'not wanted')
        return
      }
      held.push(chunk)
      if (size > plan.bytes) startStreaming()
    },
    onResponseEnd: () => {
      if (ended || plan === undefined) return
      if (plan.kind === 'drop') return finish({ kind: 'dropped', status, headers })
      if (plan.kind === 'hold') return finish({ kind: 'held', status, headers, body: Buffer.concat(held) })
      response.end()
      finish({ kind: 'streamed', status })
    },
    onResponseError: (_controller, error) => failWith(error),
  }

  const transfer: Transfer = {
    handler,
    timer: undefined,
    timeOut: () => {
      const sent = controller !== undefined
      cut({ kind: 'failed', error: { kind: 'timeout', sent, text: 'the host did not begin to answer in time' } }, 'timed out')
    },
    callerGone: () => cut({ kind: 'gone' }, 'the caller hung up'),
  }
  return transfer
}
