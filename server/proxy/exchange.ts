/** One caller's request and the answer to it, over all attempts that it takes. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { isJsonType, KEPT_BODY_BYTES } from '#activity/failing-body.ts'
import type { Step } from '#activity/operation.ts'
import { CallerGone } from './request-body.ts'

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The caller hung up before the answer was complete. */
  gone: boolean
  /** Ends what is under way (an attempt, a wait) when the caller hangs up. */
  onGone: (() => void) | undefined
  /** Of a provider's answer that tells of an error (400 and above), for the activity. */
  failing: FailingAnswer | undefined
  /** What was done besides sending the request once. */
  steps: Step[] | undefined
}

export interface FailingAnswer {
  headers: IncomingHttpHeaders
  /** The beginning of a JSON body, as it came. */
  chunks: Buffer[]
  /** Bytes that are still taken. */
  room: number
}

export function openExchange(request: IncomingMessage, response: ServerResponse): Exchange {
  const exchange: Exchange = { request, response, gone: response.destroyed, onGone: undefined, failing: undefined, steps: undefined }
  response.on('close', () => {
    exchange.gone = true
    exchange.onGone?.()
  })
  // A write that meets a closed socket is reported here; the close above has told already.
  response.on('error', ignore)
  return exchange
}

const ignore = (): void => {}

/** Call with the head of every answer that goes to the caller. */
export function noteAnswer(exchange: Exchange, status: number, headers: IncomingHttpHeaders): void {
  if (status >= 400) exchange.failing = { headers, chunks: [], room: isJsonType(headers['content-type']) ? KEPT_BODY_BYTES : 0 }
}

/** Call with the parts of its body. */
export function noteFailing(failing: FailingAnswer, chunk: Buffer): void {
  if (failing.room <= 0) return
  const part = chunk.length > failing.room ? chunk.subarray(0, failing.room) : chunk
  failing.chunks.push(part)
  failing.room -= part.length
}

const MOST_STEPS = 20

export function noteStep(exchange: Exchange, at: number, text: string, level: Step['level'] = 'info'): void {
  exchange.steps ??= []
  if (exchange.steps.length < MOST_STEPS) exchange.steps.push({ at, level, text })
}

/** @throws CallerGone */
export function waitFor(exchange: Exchange, ms: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  if (exchange.gone) reject(new CallerGone())
  const timer = setTimeout(resolve, ms)
  exchange.onGone = () => {
    clearTimeout(timer)
    reject(new CallerGone())
  }
  return promise.finally(() => (exchange.onGone = undefined))
}

/** How long the rest of a body may keep coming in after its answer. */
const LINGER_MS = 30_000
const FEW_BYTES = 1024 * 1024

/**
 * Call before the head of any answer. A caller that is still sending loses an answer that is followed by a close (the unread bytes make the
 * kernel send a reset), so the rest is read and thrown away for a while: for strangers only where it is little.
 * Returns headers to add to the answer.
 */
export function dealWithRestOfBody({ request, response }: Exchange, authenticated: boolean): string[] {
  if (request.complete) return []
  const declared = request.headers['transfer-encoding'] === undefined ? Number(request.headers['content-length'] ?? 0) : Infinity
  if (!authenticated && declared > FEW_BYTES) return ['connection', 'close']
  const { socket } = request
  let timer: NodeJS.Timeout | undefined
  // Not before the answer's end: until then a provider that answers as it reads is still given the body.
  response.once('finish', () => {
    if (request.complete) return
    timer = setTimeout(() => {
      if (!request.complete) socket.destroy()
    }, LINGER_MS)
    timer.unref()
  })
  request.once('close', () => clearTimeout(timer))
  return []
}
