/** The yardstick: the least that node:http and undici need to carry a call. Prints its port. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent } from 'undici'
import { untilTold } from './until-told.ts'

export interface PassThroughInput {
  origin: string
  /** To the upstream, at once. */
  connections: number
}

const { origin, connections }: PassThroughInput = JSON.parse(process.argv[2] ?? '{}')
const agent = new Agent({ connections })

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  agent.stream(
    { origin, path: request.url ?? '/', method: 'GET', headers: { accept: request.headers.accept ?? '*/*' } },
    ({ statusCode, headers }) => response.writeHead(statusCode, headers as never),
    (error) => {
      if (error) response.destroy()
    },
  )
})
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () =>
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })),
)
untilTold(() => {})
