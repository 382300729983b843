/** The provider of the benchmark: 1 KB of JSON, at once or, asked for `?after=150`, after that many ms; over TLS with `tls`. Prints its port; listens on all of 127.0.0.0/8. */
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { untilTold } from './until-told.ts'

export interface UpstreamInput {
  tls?: { key: string; cert: string }
}

const { tls }: UpstreamInput = JSON.parse(process.argv[2] ?? '{}')
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

const answer = (response: ServerResponse): void => {
  response.writeHead(200, head)
  response.end(body)
}
const listener: RequestListener = ({ url = '' }, response) => {
  const at = url.indexOf('?after=')
  if (at === -1) answer(response)
  else setTimeout(answer, Number(url.slice(at + 7)), response)
}

const server = tls ? createTlsServer({ keepAliveTimeout: 60_000, ...tls }, listener) : createServer({ keepAliveTimeout: 60_000 }, listener)
server.listen({ host: '0.0.0.0', port: 0, backlog: 4096 }, () =>
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })),
)
untilTold(() => {})
