/** A plain http door to one org of a fake that listens with TLS on real-looking host names: the CLI trusts no other CA and maps no names. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface PlainDoor {
  url: string
  close(): Promise<void>
}

export async function openPlainDoor(fakePort: number, host: string): Promise<PlainDoor> {
  const server = createServer((incoming, answer) => {
    const { method, url: path, headers } = incoming
    // The certificate is the test's own, and nothing leaves this machine.
    const options = {
      host: '127.0.0.1',
      port: fakePort,
      servername: host,
      rejectUnauthorized: false,
      timeout: 30_000,
      agent: false as const,
    }
    const outgoing = request(
      { ...options, ...(method ? { method } : {}), ...(path ? { path } : {}), headers: { ...headers, host } },
      (reply) => {
        answer.writeHead(reply.statusCode ?? 502, reply.headers)
        reply.pipe(answer)
      },
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error('timeout')))
    outgoing.on('error', () => answer.destroy())
    incoming.pipe(outgoing)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
