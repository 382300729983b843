import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextRotationStep } from './rotation-steps.ts'
import type { RotationStep, RotationWorld } from './rotation-steps.ts'

type World = { org: RotationWorld['org'][number][]; hawser: RotationWorld['hawser'][number][]; confirmed: boolean; replace: string }

const START: World = {
  org: [{ consumerId: 'c1', key: 'K1', state: 'Active' }],
  hawser: [{ clientId: 'K1', state: 'active' }],
  confirmed: false,
  replace: 'K1',
}

/** What a step does to the two worlds. Promoting lets the one before the one before expire: the hard case. */
function after(world: World, step: RotationStep, staged: number): World {
  const org = (change: (consumer: World['org'][number]) => World['org'][number]): World => ({ ...world, org: world.org.map(change) })
  switch (step.step) {
    case 'stage': {
      const key = `K${staged + 2}`
      return { ...world, org: [...world.org, { consumerId: `c${staged + 2}`, key, state: 'Staged' }] }
    }
    case 'keep staged in Hawser':
      return { ...world, hawser: [...world.hawser, { clientId: step.key, state: 'staged' }] }
    case 'promote in the org':
      return org((consumer) => {
        if (consumer.key === step.key) return { ...consumer, state: 'Active' }
        return { ...consumer, state: consumer.state === 'Active' ? 'Rotated' : 'Expired' }
      })
    case 'promote in Hawser':
      return {
        ...world,
        confirmed: false,
        hawser: world.hawser.map((set) => ({
          ...set,
          state: set.clientId === step.key ? 'active' : set.state === 'active' ? 'retired' : set.state,
        })),
      }
    case 'confirm by a refresh':
      return { ...world, confirmed: true }
    case 'forget the old':
    case 'forget the staged':
      return { ...world, hawser: world.hawser.filter(({ clientId }) => !step.keys.includes(clientId)) }
    default:
      return world
  }
}

function refusedKeys({ org, hawser }: World): string[] {
  const accepted = org.filter(({ state }) => state === 'Active' || state === 'Rotated').map(({ key }) => key)
  return hawser.filter(({ clientId, state }) => state !== 'staged' && !accepted.includes(clientId)).map(({ clientId }) => clientId)
}

describe('nextRotationStep', () => {
  it('goes through the steps in order', () => {
    let world = START
    const steps: string[] = []
    for (let count = 0; count < 10 && steps.at(-1) !== 'done'; count++) {
      const step = nextRotationStep(world)
      steps.push(step.step)
      world = after(world, step, 0)
    }
    expect(steps).toEqual([
      'stage',
      'keep staged in Hawser',
      'promote in the org',
      'promote in Hawser',
      'confirm by a refresh',
      'forget the old',
      'done',
    ])
    const { replace: _replace, ...withoutIntent } = world
    expect(nextRotationStep(withoutIntent)).toEqual({ step: 'done', key: 'K2' })
    expect(nextRotationStep({ ...world, replace: 'K2' }).step).toBe('stage')
  })

  it('ends with one key on both sides whatever crashes or expires on the way, and never signs with a key that is refused', () => {
    const events = fc.array(fc.constantFrom('step', 'step', 'step', 'crash', 'staged expires'), { maxLength: 25 })
    fc.assert(
      fc.property(events, fc.boolean(), (happened, hadRotated) => {
        let world: World = hadRotated ? { ...START, org: [...START.org, { consumerId: 'c0', key: 'K0', state: 'Rotated' }] } : START
        let staged = 0
        const doNext = (): string => {
          const step = nextRotationStep(world)
          world = after(world, step, staged)
          if (step.step === 'stage') staged++
          expect(refusedKeys(world)).toEqual([])
          expect(step.step).not.toBe('a person must look')
          return step.step
        }
        for (const event of happened) {
          if (event === 'crash') world = { ...world, confirmed: false }
          else if (event === 'staged expires') world = { ...world, org: world.org.filter(({ state }) => state !== 'Staged') }
          else doNext()
        }
        let last = ''
        for (let count = 0; count < 10 && last !== 'done'; count++) last = doNext()
        expect(last).toBe('done')
        const [active] = world.org.filter(({ state }) => state === 'Active')
        expect(active?.key).not.toBe('K1')
        expect(world.hawser).toEqual([{ clientId: active?.key, state: 'active' }])
      }),
      { numRuns: 500 },
    )
  })

  it('fetches what somebody else has promoted', () => {
    const org: World['org'] = [
      { consumerId: 'c1', key: 'K1', state: 'Rotated' },
      { consumerId: 'c2', key: 'K2', state: 'Active' },
    ]
    const step = nextRotationStep({ org, hawser: START.hawser })
    expect(step).toEqual({ step: 'keep staged in Hawser', consumerId: 'c2', key: 'K2' })
    const kept = after({ ...START, org }, step, 0)
    expect(nextRotationStep(kept)).toEqual({ step: 'promote in Hawser', key: 'K2' })
    const useless = { org, hawser: [...START.hawser, { clientId: 'K9', state: 'staged' as const }] }
    expect(nextRotationStep(useless)).toEqual({ step: 'forget the staged', keys: ['K9'] })
  })

  it.each<[RotationWorld, RegExp]>([
    [{ org: [], hawser: START.hawser }, /no active consumer/],
    [{ org: [...START.org, { consumerId: 'c2', key: 'K2', state: 'Active' }], hawser: START.hawser }, /several consumers/],
    [{ org: START.org, hawser: [] }, /no active credentials/],
    [{ org: START.org, hawser: [...START.hawser, { clientId: 'K2', state: 'active' }] }, /two active/],
    [{ org: START.org, hawser: [...START.hawser, { clientId: 'K2', state: 'staged' }, { clientId: 'K3', state: 'staged' }] }, /two staged/],
    [{ org: START.org, hawser: [{ clientId: 'K7', state: 'active' }] }, /does not accept/],
    [
      { org: [...START.org, { consumerId: 'c2', key: 'K2', state: 'Expired' }], hawser: [{ clientId: 'K2', state: 'active' }] },
      /does not accept/,
    ],
    [
      { org: [...START.org, { consumerId: 'c2', key: 'K2', state: 'Staged' }], hawser: [{ clientId: 'K2', state: 'active' }] },
      /only staged/,
    ],
  ])('asks a person about world %#', (world, why) => {
    expect(nextRotationStep(world)).toMatchObject({ step: 'a person must look', why: expect.stringMatching(why) })
  })
})
