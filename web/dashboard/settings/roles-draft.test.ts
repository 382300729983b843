import { describe, expect, it } from 'vitest'
import { draftOf, rolesOf } from './roles-draft.ts'

describe('chosen roles', () => {
  it.each([
    [[{ environment: null, role: 'owner' }]],
    [
      [
        { environment: null, role: 'viewer' },
        { environment: 'dev', role: 'developer' },
      ],
    ],
    [[{ environment: 'prod', role: 'support' }]],
    [[]],
  ] as const)('are what they were, if nothing is changed: %j', (roles) => {
    expect(rolesOf(draftOf([...roles]))).toEqual(roles)
  })

  it('are an owner’s alone for an owner', () => {
    expect(rolesOf({ isOwner: true, everywhere: 'viewer', own: { dev: 'developer' } })).toEqual([{ environment: null, role: 'owner' }])
  })
})
