/** The provider of the benchmark: 1 KB of JSON, at once or after `delayMs`, over TLS with `tls`. Prints its port; listens on all of 127.0.0.0/8. */
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { untilTold } from './until-told.ts'

export interface UpstreamInput {
  delayMs?: number
  tls?: { key: string; cert: string }
}

const { delayMs = 0, tls }: UpstreamInput = JSON.parse(process.argv[2] ?? '{}')
const body = Buffer.from(
  JSON.stringify({ totalSize: 1, done: true, records: [{ Id: '001000000000001AAA', Description: 'x'.repeat(940) }] }),
)
const head = [
  'content-type',
  'application/json;charset=UTF-8',
  'sforce-limit-info',
  'api-usage=18/15000',
  'content-length',
  String(body.length),
]

const answer: RequestListener = (_request, response) => {
  response.writeHead(200, head)
  response.end(body)
}
const later: RequestListener = (request, response) => void setTimeout(answer, delayMs, request, response)
const listener = delayMs > 0 ? later : answer

const server = tls ? createTlsServer({ keepAliveTimeout: 60_000, ...tls }, listener) : createServer({ keepAliveTimeout: 60_000 }, listener)
server.listen({ host: '0.0.0.0', port: 0, backlog: 4096 }, () =>
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })),
)
untilTold(() => {})
