/** For tests: calls of both doors whose path and headers go onto the wire as they are. */
import { Agent, request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { ErrorBody } from '@hawser/api/errors.ts'
import { gatewayIdOf } from '#lib/ids.ts'

export const KEY = 'hws_test_0123456789abcdefghijABCDEFGHIJ0123456789abc'
export const UUID = '0192f0c4-0000-7000-8000-000000000001'
export const GATEWAY_BEARER = `${KEY}.${gatewayIdOf(UUID)}`

/** Base URLs of the doors. */
interface Doors {
  api: string
  gateway: string
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
  text: string
  json: () => unknown
  /** Of an error answer by `/proxy`. */
  error: () => ErrorBody['error']
}

export interface CallOptions {
  method?: string
  headers?: Record<string, string | string[]>
  body?: string | Buffer | undefined
}

const proxyHeaders = { authorization: `Bearer ${KEY}`, 'provider-config-key': 'salesforce', 'connection-id': 'acme' }
const agent = new Agent({ keepAlive: false })

/** By `/proxy`, with key, integration and connection set. `path` goes onto the wire as it is. */
export function callProxy({ api }: Doors, path: string, options: CallOptions = {}): Promise<Answer> {
  return call(api, `/proxy${path}`, { ...options, headers: { ...proxyHeaders, ...options.headers } })
}

export function callGateway({ gateway }: Doors, path: string, options: CallOptions = {}): Promise<Answer> {
  return call(gateway, path, { ...options, headers: { authorization: `Bearer ${GATEWAY_BEARER}`, ...options.headers } })
}

export function call(base: string, path: string, { method = 'GET', headers = {}, body }: CallOptions): Promise<Answer> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve, reject) => {
    const sent = body === undefined ? headers : { 'content-length': String(Buffer.byteLength(body)), ...headers }
    const request = httpRequest({ hostname, port, path, method, headers: sent, agent }, (response: IncomingMessage) => {
      const chunks: Buffer[] = []
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('error', reject)
        .on('end', () => {
          const whole = Buffer.concat(chunks)
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: whole,
            text: whole.toString(),
            json: () => JSON.parse(whole.toString()),
            error: () => (JSON.parse(whole.toString()) as ErrorBody).error,
          })
        })
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** Writes bytes to a socket and returns everything that comes back until the other side closes or `until` matches. */
export function talk(base: string, bytes: string | Buffer, until?: RegExp): Promise<string> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(Number(port), hostname)
    socket.on('connect', () => socket.write(bytes))
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      if (until?.test(received) === true) socket.destroy()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? resolve(received) : reject(error)))
    socket.on('close', () => resolve(received))
  })
}

export async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
