import { describe, expect, it } from 'vitest'
import type { TestModule } from 'vitest/node'
import { closingLine } from './vitest-reporter.ts'

function file(states: string[], errors = 0): TestModule {
  const tests = states.map((state) => ({ result: () => ({ state }) }))
  return { errors: () => Array.from({ length: errors }), children: { allTests: () => tests } } as unknown as TestModule
}

describe('closingLine', () => {
  it('counts over all files', () =>
    expect(closingLine([file(['passed', 'passed']), file(['passed', 'failed'])], 0)).toBe('3 passed, 1 failed'))
  it('names skipped tests only if there are any', () =>
    expect(closingLine([file(['passed', 'skipped', 'pending'])], 0)).toBe('1 passed, 0 failed, 2 skipped'))
  it('counts a file that cannot be loaded, and an error outside of tests, as failures', () => {
    expect(closingLine([file([], 1), file(['passed'])], 1)).toBe('1 passed, 2 failed')
  })
})
