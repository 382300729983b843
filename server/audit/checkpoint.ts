import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto'
import { sql, type Kysely } from 'kysely'
import type { Head } from './chain.ts'

/** Up to where a chain was removed. */
export interface Checkpoint extends Head {
  chain: string
  mac: Buffer
}

export function macOfCheckpoint(key: KeyObject, chain: string, { seq, hash }: Head): Buffer {
  return createHmac('sha256', key).update(`checkpoint\n${chain}\n${seq}\n`).update(hash).digest()
}

export function isGenuine(key: KeyObject, { chain, mac, ...head }: Checkpoint): boolean {
  const expected = macOfCheckpoint(key, chain, head)
  return mac.length === expected.length && timingSafeEqual(mac, expected)
}

export async function checkpointOf(kysely: Kysely<unknown>, chain: string): Promise<Checkpoint | undefined> {
  const { rows } = await sql<Checkpoint>`select chain, seq, hash, mac from audit_checkpoint where chain = ${chain}`.execute(kysely)
  return rows[0]
}

/** Removes the rows up to the head, and says so in the checkpoint, in one statement. Returns how many. */
export async function removeThrough(kysely: Kysely<unknown>, { chain, seq, hash, mac }: Checkpoint): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with gone as (delete from audit_event where chain = ${chain} and seq <= ${seq} returning 1),
    written as (
      insert into audit_checkpoint (chain, seq, hash, mac) values (${chain}, ${seq}, ${hash}, ${mac})
      on conflict (chain) do update set seq = excluded.seq, hash = excluded.hash, mac = excluded.mac
    )
    select count(*) as count from gone`.execute(kysely)
  return rows[0]!.count
}
