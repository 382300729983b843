/** For the tests of this folder: an environment, and a receiver on the loopback address. */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import pino from 'pino'
import { openDatabase } from '#db/pool.ts'
import { createEgress } from '#egress/dispatcher.ts'
import { createQueue } from '#queue/graphile-queue.ts'
import { localKeyFromText } from '#vault/local-key.ts'
import { createVault } from '#vault/vault.ts'
import { newId } from '#lib/ids.ts'

export interface Received {
  headers: IncomingHttpHeaders
  body: string
}

/** `answer` decides what each request gets; null cuts the connection. */
export interface Receiver {
  url: string
  port: number
  received: Received[]
  answer: () => { status: number; headers?: Record<string, string>; body?: string } | null | 'nothing'
  close(): Promise<void>
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const server: Server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      received.push({ headers: request.headers, body })
      const answer = receiver.answer()
      if (answer === null) request.socket.destroy()
      else if (answer !== 'nothing') response.writeHead(answer.status, answer.headers).end(answer.body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hook?a=b`,
    port,
    received,
    answer: () => ({ status: 200 }),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return receiver
}

export const SIGNING_KEY = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

export async function createEventsFixture(url: string) {
  const receiver = await startReceiver()
  const db = await openDatabase({ url, clockOffsetMs: 0 })
  const wrapped = new Map<string, Buffer>()
  const vault = createVault({
    keyProvider: localKeyFromText(randomBytes(32).toString('base64')).provider,
    loadWrappedKey: async (id) => wrapped.get(id) ?? null,
    saveWrappedKey: async (id, key) => wrapped.set(id, key).get(id)!,
  })
  const environmentId = newId()
  await vault.ready(environmentId)
  const sealed = vault.sealNew(environmentId, 'webhook-key', environmentId, SIGNING_KEY)
  await db.pool.query(
    `insert into environment (id, name, wrapped_key, webhook_url, webhook_data_key, webhook_key) values ($1, 'dev', '', $2, $3, $4)`,
    [environmentId, receiver.url, sealed.data_key, sealed.ciphertext],
  )
  const clock = { ms: Date.now(), now: () => clock.ms }
  const log = pino({ level: 'silent' })
  const egress = createEgress({ trustedHosts: [{ host: '127.0.0.1', port: receiver.port }] })
  return {
    kit: { db, vault, clock, log, egress, queue: createQueue(db) },
    clock,
    environmentId,
    receiver,
    async close() {
      await egress.close(0)
      await receiver.close()
      await db.close()
    },
  }
}
