/**
 * better-auth's adapter, with sessions found by the hash of their token: it would store the token itself, with which (and the signing key) a reader of
 * the database could make a cookie.
 */
import { hash } from 'node:crypto'
import type { BetterAuthOptions } from 'better-auth'
import type { DBAdapter, Where } from '@better-auth/core/db/adapter'

type Adapter = DBAdapter<BetterAuthOptions>

export function hashOfSessionToken(token: string): string {
  return hash('sha256', token, 'base64url')
}

const SESSION = 'session'

export function withHashedTokens(adapter: Adapter): Adapter {
  const where = (model: string, conditions: Where[]): Where[] => {
    if (model !== SESSION) return conditions
    return conditions.map((condition) => (condition.field === 'token' ? { ...condition, value: hashed(condition.value) } : condition))
  }
  return {
    ...adapter,
    async create<T extends Record<string, unknown>, R = T>(given: { model: string; data: Omit<T, 'id'> }): Promise<R> {
      if (given.model !== SESSION) return adapter.create<T, R>(given)
      const { token } = given.data as { token?: unknown }
      const created = await adapter.create<T, R>({ ...given, data: { ...given.data, token: hashed(token) } })
      return { ...created, token }
    },
    async findOne<T>(given: Parameters<Adapter['findOne']>[0]): Promise<T | null> {
      const found = await adapter.findOne<T>({ ...given, where: where(given.model, given.where) })
      const asked = given.model === SESSION ? given.where.find(({ field }) => field === 'token')?.value : undefined
      return found && asked !== undefined ? { ...found, token: asked } : found
    },
    findMany: (given) => adapter.findMany({ ...given, ...(given.where ? { where: where(given.model, given.where) } : {}) }),
    update: (given) => adapter.update({ ...given, where: where(given.model, given.where) }),
    updateMany: (given) => adapter.updateMany({ ...given, where: where(given.model, given.where) }),
    delete: (given) => adapter.delete({ ...given, where: where(given.model, given.where) }),
    deleteMany: (given) => adapter.deleteMany({ ...given, where: where(given.model, given.where) }),
    count: (given) => adapter.count({ ...given, ...(given.where ? { where: where(given.model, given.where) } : {}) }),
    consumeOne: (given) => adapter.consumeOne({ ...given, where: where(given.model, given.where) }),
    transaction: (work) => adapter.transaction((inner) => work(withHashedTokens(inner as Adapter))),
  }
}

function hashed(value: unknown): string | string[] {
  if (typeof value === 'string') return hashOfSessionToken(value)
  if (Array.isArray(value)) return value.map((one) => hashOfSessionToken(String(one)))
  throw new TypeError('a session is found by its token')
}
