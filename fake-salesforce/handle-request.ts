import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { answer } from './answer.ts'
import { bearerKind, endpointLabel } from './endpoint-label.ts'
import { faultOf, latencyOf } from './faults.ts'
import { readBody, splitTarget, type Incoming } from './incoming.ts'
import { text, type Reply } from './reply.ts'
import { redactedPath } from './request-log.ts'
import { sendReply } from './send-reply.ts'
import type { Site } from './site.ts'
import type { State } from './state.ts'

export interface Handling {
  state: State
  /** Which site this listener (or the request's Host) is. */
  siteOf(request: IncomingMessage): Site
  /** Answers `/__/…`; null on listeners that have no control API. */
  control: ((incoming: Incoming) => Promise<Reply>) | null
  /** Told after each request that was carried out; it may have changed the state. */
  changed(): void
  /** Ends latencies when the fake is closed. */
  closing: AbortSignal
}

/** Answers one request. Never throws: an unforeseen error becomes a 500 that names nothing. */
export async function handleRequest(handling: Handling, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await answerRequest(handling, request, response)
  } catch (error) {
    if (request.destroyed && !request.complete) return
    if (!handling.closing.aborted)
      process.emitWarning(error instanceof Error ? (error.stack ?? error.message) : String(error), 'FakeSalesforce')
    if (!response.headersSent) response.writeHead(500)
    response.end()
  }
}

async function answerRequest(handling: Handling, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { state } = handling
  const target = splitTarget(request.url ?? '', state.knobs.doubleSlashTolerant)
  const body = await readBody(request)
  if (target === undefined || body === undefined) {
    await sendReply(state, request, response, text(body === undefined ? 413 : 400, ''))
    return
  }
  const clientAddress = request.headers['x-fake-client-address']
  const incoming: Incoming = {
    method: request.method ?? 'GET',
    ...target,
    headers: request.headers,
    body,
    site: handling.siteOf(request),
    clientAddress: typeof clientAddress === 'string' ? clientAddress : state.knobs.clientAddress,
  }
  if (incoming.path.startsWith('/__/') && handling.control !== null) {
    const reply = await handling.control(incoming)
    handling.changed()
    await sendReply(state, request, response, reply)
    return
  }
  const label = endpointLabel(incoming)
  const bearer = bearerKind(state, incoming)
  const latency = latencyOf(state, incoming)
  if (latency > 0) await delay(latency, undefined, { signal: handling.closing })
  const reply = faultOf(state, incoming) ?? answer(state, incoming)
  log(state, incoming, label, bearer, reply)
  handling.changed()
  await sendReply(state, request, response, reply)
}

const SHOWN_HEADERS = /^(sforce-|if-|x-sfdc-query)/

function log(state: State, incoming: Incoming, endpoint: string, bearer: ReturnType<typeof bearerKind>, reply: Reply): void {
  const shown = Object.entries(incoming.headers).filter(([name]) => SHOWN_HEADERS.test(name))
  state.log.add({
    at: state.clock.now(),
    method: incoming.method,
    host: incoming.headers.host ?? '',
    path: redactedPath(incoming.path, incoming.query),
    status: reply.cut === true ? 0 : reply.status,
    endpoint,
    bearer,
    headerNames: Object.keys(incoming.headers),
    sforceHeaders: Object.fromEntries(shown.map(([name, value]) => [name, String(value)])),
    bodyBytes: incoming.body.length,
  })
}
