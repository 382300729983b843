/** Every error that the fake org can say, fed to the doctor as a person would paste it: the right cause and the right one to act, or none at all. */
import { describe, expect, it } from 'vitest'
import { startFakeSalesforce } from '@hawser/fake-salesforce/start.ts'
import { STOPPED_CLOCK } from '@hawser/fake-salesforce/testing/browser.ts'
import { provocations, type Observed, type Provocation } from '@hawser/fake-salesforce/testing/provocations.ts'
import { explainText } from '../server/diagnosis/explain-text.ts'
import { diagnosedBy, unknownToDoctor } from './doctor-expectations.ts'

/** What a person has before them: the address where the callback was reached, else the body. */
function pasted({ where }: Provocation, seen: Observed): string {
  return where === 'authorize' || seen.body === '' ? (seen.finalUrl ?? '') : seen.body
}

describe('what the fake org says', () => {
  it.each(provocations.map((one) => [one.id, one] as const))('%s', async (id, provocation) => {
    const fake = await startFakeSalesforce({ clock: STOPPED_CLOCK })
    try {
      const seen = await provocation.how(fake)
      const { diagnosis } = explainText(pasted(provocation, seen))
      const expected = Object.entries(diagnosedBy).find(([, ids]) => ids.includes(id))?.[0]
      if (expected === undefined) {
        expect(unknownToDoctor, `what does the doctor say about ${id}?`).toContain(id)
        expect(diagnosis).toBeNull()
      } else {
        expect(`${diagnosis?.code} ${diagnosis?.actor}`).toBe(expected)
      }
    } finally {
      await fake.close()
    }
  })

  it('is known to the greater part', () => {
    const known = Object.values(diagnosedBy).flat()
    expect(new Set(known).size).toBe(known.length)
    expect(known.length).toBeGreaterThanOrEqual(80)
  })
})
