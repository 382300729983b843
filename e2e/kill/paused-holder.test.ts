/** A process that is stopped while the provider answers (a virtual machine that is paused, a container that is throttled), and goes on later. */
import { afterEach, expect, it } from 'vitest'
import { addIntegrationTo, askDatabase, createKillWorld, forceRefresh, importGrant, type KillWorld, type Outcome } from './kill-world.ts'
import type { ServerProcess } from './server-process.ts'
import { shortTimes } from './short-times.ts'

let world: KillWorld
afterEach(() => world?.close())

interface Paused {
  holder: ServerProcess
  other: ServerProcess
  grantId: string
  /** What the holder's caller gets in the end. */
  call: Promise<Outcome | 'cut'>
}

/** A holder that was stopped right after the provider had acted; the answer lies in its socket's buffer. */
async function pausedHolder(): Promise<Paused> {
  const holder = await world.start({ dataDir: 'holder', env: shortTimes })
  const other = await world.start({ dataDir: 'other' })
  const { grantId, tokens } = world.newGrant()
  await addIntegrationTo(world.api(holder), world.app)
  await importGrant(world.api(holder), 'paused', tokens)
  const held = world.door.holdNext()
  const call = forceRefresh(world.api(holder), 'paused')
  await held.carriedOut
  holder.signal('SIGSTOP')
  held.release()
  return { holder, other, grantId, call }
}

async function row(): Promise<{ version: number; leased: boolean; failures: number }> {
  const rows = await askDatabase<{ version: number; leased: boolean; failures: number }>(
    world.databaseUrl,
    `select version, coalesce(lease_until > clock_timestamp(), false) as leased, failures from "grant"`,
  )
  return { ...rows[0]!, version: Number(rows[0]!.version) }
}

const untilLeaseIsOver = () => expect.poll(async () => (await row()).leased, { timeout: 20_000, interval: 50 }).toBe(false)

it(
  '26. an answer that was there when its holder woke, long after its deadline and its lease, is stored',
  { timeout: 120_000 },
  async () => {
    world = await createKillWorld()
    const { holder, grantId, call } = await pausedHolder()
    await untilLeaseIsOver()
    expect(await row()).toMatchObject({ version: 1 })
    holder.signal('SIGCONT')
    await expect.poll(async () => (await row()).version, { timeout: 20_000 }).toBe(2)
    // Whoever asked may have been told to come again: his own wait was over too. What he gets then was stored.
    await call
    const answer = (await forceRefresh(world.api(holder), 'paused', false)) as Outcome
    expect(world.fake.state.accessTokens.get(answer.accessToken ?? '')?.grantId).toBe(grantId)
    expect(world.door.sent).toHaveLength(1)
    // With the stored refresh token the next refresh works: it was the only live one.
    expect(await forceRefresh(world.api(holder), 'paused')).toMatchObject({ status: 200 })
    expect(world.fake.state.grants.has(grantId)).toBe(true)
  },
)

it('26. and never overwrites what another process has stored meanwhile', { timeout: 120_000 }, async () => {
  world = await createKillWorld({ rotation: false })
  const { holder, other, call } = await pausedHolder()
  await untilLeaseIsOver()
  // The other one waits two minutes before it tries a doubtful refresh token again; its clock is moved, since they are not a setting.
  await other.moveClock(125_000)
  const newer = (await forceRefresh(world.api(other), 'paused')) as Outcome
  expect(newer.status).toBe(200)
  holder.signal('SIGCONT')
  const late = (await call) as Outcome
  if (late.status === 200) expect(late.accessToken).toBe(newer.accessToken)
  else expect(late).toMatchObject({ status: 503, code: 'refresh_timeout' })
  expect(await row()).toMatchObject({ version: 2 })
  for (const server of [holder, other]) {
    expect(await forceRefresh(world.api(server), 'paused', false)).toMatchObject({ status: 200, accessToken: newer.accessToken })
  }
  expect(world.door.sent).toHaveLength(2)
})
