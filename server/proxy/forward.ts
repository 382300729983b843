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
import { dealWithRestOfBody, noteAnswer, noteFailing } from './exchange.ts'
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
const STREAM: Plan = { kind: 'stream' }

export function forward(
  egress: Egress,
  exchange: Exchange,
  attempt: Attempt,
  receiver: Receiver,
  settings: ProxySettings,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const { body } = attempt
    const transfer = newTransfer(exchange, receiver, settings, resolve)
    const timer = setTimeout(timeOut, attempt.timeoutMs, transfer)
    transfer.timer = timer
    if (body.kind === 'stream') body.onProgress(() => timer.refresh())
    exchange.onGone = () => cut(transfer, { kind: 'gone' }, 'the caller hung up')
    egress.dispatcher.dispatch(
      {
        origin: attempt.origin,
        path: attempt.path,
        method: attempt.method,
        headers:
          body.kind === 'stream' && body.length !== undefined ? [...attempt.headers, 'content-length', body.length] : attempt.headers,
        body: body.kind === 'none' ? null : body.kind === 'kept' ? body.bytes : body.stream,
        // The second line behind the timer above, which also sees the wait for a free connection.
        headersTimeout: Math.max(attempt.timeoutMs, settings.idleMs),
        bodyTimeout: settings.idleMs,
      },
      handlerOf(transfer),
    )
  })
}

/** What is known of the attempt so far. */
interface Transfer {
  exchange: Exchange
  receiver: Receiver
  settings: ProxySettings
  resolve: (outcome: Outcome) => void
  timer: NodeJS.Timeout | undefined
  /** Runs while the caller does not read. */
  stalled: NodeJS.Timeout | undefined
  /** Set once the request is written to a connection. */
  controller: Dispatcher.DispatchController | undefined
  /** Undefined until the head of the answer. */
  plan: Plan | undefined
  status: number
  headers: IncomingHttpHeaders
  held: Buffer[]
  /** Bytes of the body so far, where it is held or dropped. */
  size: number
  ended: boolean
}

function newTransfer(exchange: Exchange, receiver: Receiver, settings: ProxySettings, resolve: Transfer['resolve']): Transfer {
  return {
    exchange,
    receiver,
    settings,
    resolve,
    timer: undefined,
    stalled: undefined,
    controller: undefined,
    plan: undefined,
    status: 0,
    headers: {},
    held: [],
    size: 0,
    ended: false,
  }
}

function handlerOf(transfer: Transfer): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (controller) => {
      transfer.controller = controller
      // Given up while it waited for a connection: aborted here, nothing is written.
      if (transfer.ended) controller.abort(new Error('no longer wanted'))
    },
    onResponseStart: (_controller, status, headers) => {
      if (status >= 200 && !transfer.ended) begin(transfer, status, headers)
    },
    onResponseData: (_controller, chunk) => {
      if (!transfer.ended) take(transfer, chunk)
    },
    onResponseEnd: () => {
      if (!transfer.ended) end(transfer)
    },
    onResponseError: (_controller, error) => {
      if (!transfer.ended) failWith(transfer, error)
    },
  }
}

function begin(transfer: Transfer, status: number, headers: IncomingHttpHeaders): void {
  transfer.status = status
  transfer.headers = headers
  const plan = transfer.receiver.plan(status, headers)
  if (plan.kind === 'stream') return startStreaming(transfer)
  transfer.plan = plan
  if (plan.kind === 'drop' && Number(headers['content-length'] ?? 0) > DROP_BYTES)
    cut(transfer, { kind: 'dropped', status, headers }, 'not wanted')
}

function startStreaming(transfer: Transfer): void {
  const { exchange, held, status } = transfer
  clearTimeout(transfer.timer)
  const head = transfer.receiver.head(transfer.headers)
  noteAnswer(exchange, status, transfer.headers)
  exchange.response.writeHead(status, exchange.request.complete ? head : [...head, ...dealWithRestOfBody(exchange, true)])
  transfer.plan = STREAM
  transfer.held = []
  for (const chunk of held) write(transfer, chunk)
}

function take(transfer: Transfer, chunk: Buffer): void {
  const { plan, status, headers } = transfer
  if (plan === undefined) return
  if (plan.kind === 'stream') return write(transfer, chunk)
  transfer.size += chunk.length
  if (plan.kind === 'hold') {
    transfer.held.push(chunk)
    if (transfer.size > plan.bytes) startStreaming(transfer)
  } else if (transfer.size > DROP_BYTES) cut(transfer, { kind: 'dropped', status, headers }, 'not wanted')
}

function write(transfer: Transfer, chunk: Buffer): void {
  const { response, failing } = transfer.exchange
  if (failing !== undefined) noteFailing(failing, chunk)
  if (response.write(chunk) || transfer.stalled !== undefined) return
  transfer.controller?.pause()
  transfer.stalled = setTimeout(() => response.destroy(), transfer.settings.stallMs)
  response.once('drain', () => {
    clearTimeout(transfer.stalled)
    transfer.stalled = undefined
    transfer.controller?.resume()
  })
}

function end(transfer: Transfer): void {
  const { plan, status, headers, held } = transfer
  if (plan?.kind === 'drop') finish(transfer, { kind: 'dropped', status, headers })
  else if (plan?.kind === 'hold') finish(transfer, { kind: 'held', status, headers, body: Buffer.concat(held) })
  else if (plan?.kind === 'stream') {
    transfer.exchange.response.end()
    finish(transfer, { kind: 'streamed', status })
  }
}

function failWith(transfer: Transfer, error: unknown): void {
  const { plan, status, exchange, controller } = transfer
  if (plan?.kind === 'stream') {
    // The head is out: only a cut tells the caller that the answer is not whole.
    exchange.response.destroy()
    return finish(transfer, { kind: 'broken', status })
  }
  const description = describeNetworkError(error)
  finish(transfer, { kind: 'failed', error: { ...description, sent: description.sent && controller !== undefined } })
}

function timeOut(transfer: Transfer): void {
  const sent = transfer.controller !== undefined
  cut(transfer, { kind: 'failed', error: { kind: 'timeout', sent, text: 'the host did not begin to answer in time' } }, 'timed out')
}

/** The outcome is told first, so that the abort cannot come back as an error of the network. */
function cut(transfer: Transfer, outcome: Outcome, reason: string): void {
  finish(transfer, outcome)
  transfer.controller?.abort(new Error(reason))
}

function finish(transfer: Transfer, outcome: Outcome): void {
  if (transfer.ended) return
  transfer.ended = true
  clearTimeout(transfer.timer)
  if (transfer.stalled !== undefined) clearTimeout(transfer.stalled)
  transfer.exchange.onGone = undefined
  transfer.resolve(outcome)
}
