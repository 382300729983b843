import type { buildConnector } from 'undici'
import { Dispatcher, Pool } from 'undici'
import { createLru } from '#lib/lru.ts'
import type { Lru } from '#lib/lru.ts'

export type OriginPoolsOptions = {
  connect: buildConnector.connector
  connectionsPerOrigin: number
  maxOrigins: number
  keepAliveMs: number
}

/**
 * One pool of connections for each origin. undici's own Agent either keeps every origin or, with `maxOrigins`, refuses new ones; here the
 * origin that was not used for longest makes room: it finishes what it has under way and closes.
 */
export class OriginPools extends Dispatcher {
  readonly #pools: Lru<string, Pool>
  readonly #closing = new Set<Promise<void>>()
  readonly #options: OriginPoolsOptions
  #closed = false

  constructor(options: OriginPoolsOptions) {
    super()
    this.#options = options
    this.#pools = createLru({ maxEntries: options.maxOrigins, onEvict: (pool) => this.#finish(pool) })
  }

  get origins(): number {
    return this.#pools.size
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (this.#closed) throw new Error('egress is closed')
    if (options.origin === undefined) throw new TypeError('an outbound call needs an origin')
    // Not normalised: parsing costs more than all the rest here, and two spellings of an origin merely get two pools.
    const origin = String(options.origin)
    return (this.#pools.get(origin) ?? this.#openPool(origin)).dispatch(options, handler)
  }

  #openPool(origin: string): Pool {
    const { connect, connectionsPerOrigin, keepAliveMs } = this.#options
    const pool = new Pool(origin, {
      connect,
      allowH2: false,
      connections: connectionsPerOrigin,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs, // a server's Keep-Alive header may shorten, never lengthen
    })
    const closeIfIdle = (): void => {
      const { connected, size } = pool.stats
      if (connected > 0 || size > 0 || !this.#pools.delete(origin)) return
      this.#finish(pool)
    }
    pool.on('disconnect', closeIfIdle).on('connectionError', closeIfIdle)
    this.#pools.set(origin, pool)
    return pool
  }

  #finish(pool: Pool): void {
    const closing = pool.close().catch(() => {})
    this.#closing.add(closing)
    void closing.finally(() => this.#closing.delete(closing))
  }

  /** Lets calls under way finish for at most `graceMs`, then cuts them. New calls throw at once. */
  async closeWithin(graceMs: number): Promise<void> {
    this.#closed = true
    const pools = [...this.#pools.values()]
    for (const pool of pools) this.#finish(pool)
    this.#pools.clear()
    const deadline = Promise.withResolvers<void>()
    const timer = setTimeout(deadline.resolve, graceMs)
    await Promise.race([Promise.all(this.#closing), deadline.promise])
    clearTimeout(timer)
    await Promise.all(pools.map((pool) => pool.destroy()))
  }
}
