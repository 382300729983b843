import assert from 'node:assert'
import type { Logger } from 'pino'
import { sql } from 'kysely'
import { listen } from '#db/listen.ts'
import type { Database } from '#db/pool.ts'
import type { Bus } from './bus.ts'

/** The database's triggers: `<table>:<id>`. */
const CHANGED = 'hawser_changed'
/** `send`: `<topic>:<message>`. */
const MESSAGE = 'hawser_message'
/** PostgreSQL refuses a NOTIFY payload of 8,000 bytes. */
const MAX_BYTES = 7_900

export interface PostgresBusOptions {
  /** A direct address: LISTEN does not work through PgBouncer in transaction mode. */
  url: string
  /** Sends; may go through a pooler. */
  db: Database
  log: Logger
}

/** Resolves once this node listens; throws if it cannot. Lost connections are made again; listeners of `onGap` hear of it. */
export async function createPostgresBus({ url, db, log }: PostgresBusOptions): Promise<Bus> {
  const listeners = new Map<string, Set<(message: string) => void>>()
  const gapListeners = new Set<() => void>()

  const receive = (payload: string) => {
    const colon = payload.indexOf(':')
    if (colon < 0) return
    const topic = payload.slice(0, colon)
    const message = payload.slice(colon + 1)
    for (const listener of [...(listeners.get(topic) ?? [])]) guarded(log, topic, () => listener(message))
  }
  const reportGap = () => {
    for (const listener of [...gapListeners]) guarded(log, 'gap', listener)
  }

  const changes = await listen(url, CHANGED, receive, reportGap)
  const messages = await listen(url, MESSAGE, receive, reportGap).catch(async (error: unknown) => {
    await changes.close()
    throw error
  })
  let closing: Promise<void> | undefined

  return {
    on(topic, listener) {
      const ofTopic = listeners.get(topic) ?? new Set()
      listeners.set(topic, ofTopic.add(listener))
      return () => {
        ofTopic.delete(listener)
        if (ofTopic.size === 0 && listeners.get(topic) === ofTopic) listeners.delete(topic)
      }
    },
    onGap(listener) {
      gapListeners.add(listener)
      return () => void gapListeners.delete(listener)
    },
    async send(topic, message) {
      assert(topic !== '' && !topic.includes(':'), 'bus: a topic is not empty and has no colon')
      const payload = `${topic}:${message}`
      assert(Buffer.byteLength(payload) <= MAX_BYTES, `bus: a message has at most ${MAX_BYTES} bytes`)
      await sql`select pg_notify(${MESSAGE}, ${payload})`.execute(db.kysely)
    },
    close: () => (closing ??= Promise.all([changes.close(), messages.close()]).then(() => {})),
  }
}

/** One listener's mistake must not keep the others from hearing. */
function guarded(log: Logger, topic: string, listener: () => void): void {
  try {
    listener()
  } catch (error) {
    log.error({ err: error, topic }, 'a bus listener failed')
  }
}
