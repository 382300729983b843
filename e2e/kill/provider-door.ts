/** The provider's front door: every request to the fake org goes through it, so that a test sees each refresh token that was sent, and can stop there. */
import { createServer, type Server } from 'node:https'
import { once } from 'node:events'
import { request as forward, Agent, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Where a token request is stopped for good: before the provider has acted, after it has, or in the middle of its answer. */
export type DoorStop = 'request-arrived' | 'carried-out' | 'half-answered'

export interface ProviderDoor {
  port: number
  /** Each refresh token in the order in which it was sent, by whom ever. */
  sent: string[]
  /** The next token request is stopped there; resolves when it is. */
  stopNext(stop: DoorStop): Promise<void>
  /** Token requests are answered only after this much of waiting, as if the provider were slow. They are carried out at once. */
  setTokenLatency(ms: number): void
  /** The next token request's answer waits for `release`; `carriedOut` resolves when the provider has acted. */
  holdNext(): { carriedOut: Promise<void>; release(): void }
  /** Requests of the API, not of tokens. */
  readonly dataCalls: number
  close(): Promise<void>
}

interface Upstream {
  status: number
  headers: IncomingMessage['headers']
  body: Buffer
}

export async function openProviderDoor(fakePort: number, tls: { key: string; cert: string }): Promise<ProviderDoor> {
  // A connection of its own for each request: one that the fake org closes as we write would be a failure of the door, not of who is tested.
  const agent = new Agent({ keepAlive: false })
  const sent: string[] = []
  let stop: { at: DoorStop; reached: () => void } | undefined
  let hold: { carriedOut: () => void; released: Promise<void> } | undefined
  let tokenLatencyMs = 0
  let dataCalls = 0

  const pass = async (request: IncomingMessage, body: Buffer): Promise<Upstream> => {
    const { method, url, headers } = request
    const upstream = forward({ agent, port: fakePort, host: '127.0.0.1', method, path: url, headers })
    upstream.end(body)
    const [answer] = (await once(upstream, 'response')) as [IncomingMessage]
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: await wholeBody(answer) }
  }

  const answerToken = async (request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> => {
    sent.push(new URLSearchParams(body.toString()).get('refresh_token') ?? '')
    const stopping = stop
    const holding = hold
    stop = hold = undefined
    if (stopping?.at === 'request-arrived') return stopping.reached()
    const answer = await pass(request, body)
    holding?.carriedOut()
    await holding?.released
    if (tokenLatencyMs > 0) await new Promise((resolve) => setTimeout(resolve, tokenLatencyMs))
    if (stopping?.at === 'carried-out') return stopping.reached()
    if (stopping?.at === 'half-answered') {
      response.writeHead(answer.status, answer.headers)
      response.write(answer.body.subarray(0, answer.body.length >> 1), stopping.reached)
      return
    }
    send(response, answer)
  }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await wholeBody(request)
    if (request.url === '/services/oauth2/token') return answerToken(request, body, response)
    dataCalls += 1
    send(response, await pass(request, body))
  }

  const server: Server = createServer(tls, (request, response) => {
    // The caller may have been killed in the middle.
    serve(request, response).catch(() => response.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    sent,
    stopNext: (at) => new Promise((reached) => (stop = { at, reached })),
    setTokenLatency: (ms) => void (tokenLatencyMs = ms),
    holdNext() {
      const carriedOut = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      hold = { carriedOut: carriedOut.resolve, released: released.promise }
      return { carriedOut: carriedOut.promise, release: released.resolve }
    },
    get dataCalls() {
      return dataCalls
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      agent.destroy()
      await closed
    },
  }
}

function send(response: ServerResponse, { status, headers, body }: Upstream): void {
  response.writeHead(status, headers)
  response.end(body)
}

async function wholeBody(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
