/**
 * Stops a process at a chosen step, by getting between it and PostgreSQL, or it and the file system. The code under test knows nothing of this: the
 * pool's connections and Node's own file functions are wrapped from outside.
 */
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import type pg from 'pg'

export interface FaultPoint {
  /** The step begins with this statement, or file operation. */
  on: { statement: RegExp } | { open: RegExp } | { write: RegExp } | { rename: RegExp }
  /** Stops before the step, after it, or (a write) in the middle. Whatever it is, the process never hears of its end. */
  when: 'before' | 'after' | 'half'
}

export interface FaultPoints {
  /** The next time that the step comes, it stops there for good; then `reached` is called once. */
  arm(point: FaultPoint, reached: () => void): void
}

const FOREVER = new Promise<never>(() => {})

/** `watch` a pool before its connections are used. Files are watched from the call on, for the whole process. */
export function installFaultPoints(pool: pg.Pool): FaultPoints {
  let armed: { point: FaultPoint; reached: () => void } | undefined

  const take = (kind: string, text: string): FaultPoint['when'] | undefined => {
    if (!armed) return undefined
    const [[name, pattern]] = Object.entries(armed.point.on) as [[string, RegExp]]
    return name === kind && pattern.test(text) ? armed.point.when : undefined
  }
  const stopHere = (): Promise<never> => {
    const { reached } = armed!
    armed = undefined
    reached()
    return FOREVER
  }
  const around = async <T>(kind: string, text: string, step: () => Promise<T>, half?: () => Promise<unknown>): Promise<T> => {
    const when = take(kind, text)
    if (when === undefined) return step()
    if (when === 'half') await half?.()
    if (when === 'after') await step()
    return stopHere()
  }

  watchPool(pool, (text, step) => around('statement', text, step))
  watchFiles(around)
  return { arm: (point, reached) => void (armed = { point, reached }) }
}

type Query = (...given: unknown[]) => Promise<unknown>

function watchPool(pool: pg.Pool, around: (text: string, step: () => Promise<unknown>) => Promise<unknown>): void {
  const watched = new WeakSet<pg.PoolClient>()
  pool.on('acquire', (client) => {
    if (watched.has(client)) return
    watched.add(client)
    const query = client.query.bind(client) as Query
    client.query = ((...given: unknown[]) => {
      const [asked] = given
      // With a callback it is the pool's own way of asking, which no step of a refresh takes.
      if (given.some((one) => typeof one === 'function')) return query(...given)
      const text = typeof asked === 'string' ? asked : String((asked as { text?: unknown }).text)
      return around(text, () => query(...given))
    }) as typeof client.query
  })
}

type Around = <T>(kind: string, text: string, step: () => Promise<T>, half?: () => Promise<unknown>) => Promise<T>

function watchFiles(around: Around): void {
  const { open, rename } = fs
  fs.open = async (path, ...rest) => {
    const name = String(path)
    const file = await around('open', name, () => open(path, ...rest))
    const writeFile = file.writeFile.bind(file)
    file.writeFile = (content, options) => {
      const half = (): Promise<unknown> => writeFile((content as Buffer).subarray(0, (content as Buffer).length >> 1), options)
      return around('write', name, () => writeFile(content, options), half)
    }
    return file
  }
  fs.rename = (from, to) => around('rename', String(to), () => rename(from, to))
  // Gives the wrapped ones to whoever imports them by name, before and after.
  syncBuiltinESMExports()
}
