/** The provider of the benchmark: 1 KB of JSON, at once. Prints its port. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

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

const server = createServer({ keepAliveTimeout: 60_000 }, (_request, response) => {
  response.writeHead(200, head)
  response.end(body)
})
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })))
