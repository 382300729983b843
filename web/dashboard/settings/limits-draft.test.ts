import { describe, expect, it } from 'vitest'
import { draftFault, limitsOf, limitsText, noLimits } from './limits-draft.ts'

describe('limits', () => {
  it('are none while nothing is typed', () => {
    expect(limitsOf({ ...noLimits, paths: ' \n ' })).toBeUndefined()
  })

  it('are read from lines; connection ids may hold commas, tag values an =', () => {
    expect(
      limitsOf({
        integrations: 'salesforce, salesforce-sandbox',
        connections: 'a,b\n c ',
        tags: 'team=billing\nsum=a=b',
        methods: ['GET'],
        paths: '/services/*\n/services/*',
      }),
    ).toEqual({
      integrations: ['salesforce', 'salesforce-sandbox'],
      connections: { ids: ['a,b', 'c'], tags: { team: 'billing', sum: 'a=b' } },
      methods: ['GET'],
      paths: ['/services/*'],
    })
  })

  it('say what is wrong before they are sent', () => {
    expect(draftFault({ ...noLimits, tags: 'team' })?.field).toBe('tags')
    expect(draftFault({ ...noLimits, paths: 'services' })?.field).toBe('paths')
    expect(draftFault({ ...noLimits, tags: 'team=x', paths: '/x' })).toBeUndefined()
  })

  it('are shown as words', () => {
    expect(limitsText(null)).toEqual([])
    expect(limitsText({ connections: { tags: { team: 'x' } }, methods: ['GET'] })).toEqual(['connections tagged team=x', 'GET'])
  })
})
