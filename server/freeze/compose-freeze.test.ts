import { tmpdir } from 'node:os'
import pino from 'pino'
import { expect, it } from 'vitest'
import type { Bus } from '#bus/bus.ts'
import type { JobHandlers } from '#queue/queue.ts'
import type { Kit } from '../kit.ts'
import { createFreeze } from './compose-freeze.ts'

const deaf = { on: () => () => {}, onGap: () => () => {}, send: async () => {} } as unknown as Bus
/** Nobody asks it before the start. */
const db = { kysely: {} }

it('no job runs until it is certain that the database may be refreshed from', async () => {
  const kit = { db, bus: deaf, log: pino({ level: 'silent' }), config: { dataDir: tmpdir() } } as unknown as Kit
  const freeze = createFreeze(kit, { recordChange: async () => {}, reapplySpool: async () => {} })
  const ran: unknown[] = []
  const jobs = freeze.jobs({ 'refresh-ahead': async (payload: unknown) => void ran.push(payload) } as unknown as JobHandlers)
  await expect(jobs['refresh-ahead']!({})).rejects.toMatchObject({ code: 'vault_frozen' })
  expect(ran).toEqual([])
  await freeze.close()
})
