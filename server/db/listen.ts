import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

const CONNECT_TIMEOUT_MS = 5_000
/** A connection that died without a word (a pulled cable, a firewall) is noticed by a question that nobody answers. */
const HEARTBEAT_MS = 10_000
const ANSWER_TIMEOUT_MS = 3_000
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 5_000

export interface Listener {
  /** False while notifications may be missed: caches then ask the database. */
  readonly connected: boolean
  close(): Promise<void>
}

/**
 * Calls `onPayload` for each NOTIFY on `channel`, over a connection of its own (LISTEN does not work through PgBouncer in transaction mode).
 * Resolves once it listens; throws if it cannot the first time. A lost connection is made again, after pauses from 50 ms to 5 s, until `close`;
 * `onReconnect` is then called, since what was sent in between is lost.
 */
export async function listen(
  url: string,
  channel: string,
  onPayload: (payload: string) => void,
  onReconnect: () => void = () => {},
): Promise<Listener> {
  let closed = false
  let client: pg.Client | undefined = await connect(url, channel, onPayload)

  const stayConnected = async () => {
    while (!closed) {
      if (client) await untilLost(client)
      client = undefined
      for (let pause = FIRST_PAUSE_MS; !closed && !client; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
        client = await connect(url, channel, onPayload).catch(() => undefined)
        // Half of the pause at random: the nodes of a database that comes back do not all knock at once.
        if (!client) await sleep(pause * (0.5 + Math.random() / 2), undefined, { ref: false })
      }
      if (closed) await client?.end().catch(() => {})
      else onReconnect()
    }
  }
  const running = stayConnected()

  return {
    get connected() {
      return !closed && client !== undefined
    },
    async close() {
      closed = true
      await client?.end().catch(() => {})
      await running
    },
  }
}

async function connect(url: string, channel: string, onPayload: (payload: string) => void): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'hawser-listen',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
  })
  // The loss is noticed by 'end', which follows; without a listener 'error' would end the process.
  client.on('error', () => {})
  client.on('notification', (message) => {
    if (message.channel === channel) onPayload(message.payload ?? '')
  })
  try {
    await client.connect()
    await client.query(`listen ${client.escapeIdentifier(channel)}`)
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}

/** Resolves when the connection has ended, or does not answer any more. */
async function untilLost(client: pg.Client): Promise<void> {
  let heartbeat: NodeJS.Timeout | undefined
  await new Promise<void>((resolve) => {
    client.once('end', () => resolve())
    heartbeat = setInterval(() => {
      client.query('select 1').catch(() => {
        resolve()
        void client.end().catch(() => {})
      })
    }, HEARTBEAT_MS)
    heartbeat.unref()
  })
  clearInterval(heartbeat)
}
