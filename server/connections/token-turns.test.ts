import { describe, expect, it } from 'vitest'
import type { Timers } from './timers.ts'
import { createTokenTurns } from './token-turns.ts'

/** Time that stands still until it is moved; timers run when they are due. */
function handTime() {
  let now = 0
  const pending = new Set<{ at: number; run: () => void }>()
  const timers: Timers = {
    after(ms, run) {
      const timer = { at: now + ms, run }
      pending.add(timer)
      return () => void pending.delete(timer)
    },
  }
  const settle = async () => {
    for (let n = 0; n < 20; n++) await Promise.resolve()
  }
  return {
    timers,
    now: () => now,
    settle,
    async moveBy(ms: number) {
      const until = now + ms
      for (;;) {
        const [next] = [...pending].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)
        if (!next) break
        pending.delete(next)
        now = next.at
        next.run()
        await settle()
      }
      now = until
      await settle()
    },
  }
}

const org = { host: 'acme.my.salesforce.com', provider: 'salesforce' }
const otherOrg = { ...org, host: 'globex.my.salesforce.com' }
const caller = { forJob: false, waitMs: 45_000 }
const job = { forJob: true, waitMs: 45_000 }

function rig(atOnce: number, perSecond: number) {
  const time = handTime()
  const turns = createTokenTurns({ atOnce, perSecond, now: time.now, timers: time.timers })
  const begun: { name: string; at: number }[] = []
  const failed: string[] = []
  const leaves: (() => void)[] = []
  const take = (name: string, place = org, wanted = caller) =>
    turns.take(place, wanted).then(
      (leave) => {
        begun.push({ name, at: time.now() })
        leaves.push(leave)
      },
      (error: { code: string }) => void failed.push(`${name}: ${error.code}`),
    )
  return { time, take, begun, failed, leaves, names: () => begun.map(({ name }) => name) }
}

describe('token turns', () => {
  it('so many are under way at one host, first come first served, and a host that hangs holds up no other', async () => {
    const { time, take, names, leaves } = rig(2, 100)
    for (const name of ['a', 'b', 'c', 'd']) void take(name)
    void take('other', otherOrg)
    await time.settle()
    expect(names().sort()).toEqual(['a', 'b', 'other'])
    leaves[0]!()
    leaves[0]!()
    await time.settle()
    expect(names()).toHaveLength(4)
    expect(names().at(-1)).toBe('c')
  })

  it('so many begin within a second at one provider, whatever the host', async () => {
    const { time, take, begun } = rig(1_000, 10)
    for (let n = 0; n < 35; n++) void take(`${n}`, { ...org, host: `org-${n}` })
    await time.settle()
    await time.moveBy(3_500)
    expect(begun).toHaveLength(35)
    for (let from = 0; from <= 3_500; from += 100)
      expect(begun.filter(({ at }) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(10)
    expect(begun.map(({ name }) => Number(name))).toEqual([...Array(35).keys()])
  })

  it('jobs yield to callers that came later', async () => {
    const { time, take, names, leaves } = rig(1, 100)
    void take('first')
    await time.settle()
    for (const name of ['job-1', 'job-2']) void take(name, org, job)
    void take('caller')
    leaves[0]!()
    await time.settle()
    expect(names()).toEqual(['first', 'caller'])
    leaves[1]!()
    await time.settle()
    expect(names().at(-1)).toBe('job-1')
  })

  it('who does not get his turn in his time is told to come again, and leaves no gap', async () => {
    const { time, take, names, failed, leaves } = rig(1, 100)
    void take('first')
    await time.settle()
    void take('impatient', org, { forJob: false, waitMs: 5_000 })
    void take('patient')
    await time.moveBy(5_000)
    expect(failed).toEqual(['impatient: refresh_timeout'])
    leaves[0]!()
    await time.settle()
    expect(names()).toEqual(['first', 'patient'])
  })
})
