import { describe, expect, it } from 'vitest'
import { groupedIssues } from './grouped-issues.ts'
import type { Issue } from './issue-words.ts'

const diagnosis = { code: 'sf-a', title: 'A', cause: 'because', fix: ['do'], evidence: { status: 401 } } as unknown as NonNullable<
  Issue['diagnosis']
>
const issue = (id: string, more: Partial<Issue>) => ({ id, kind: 'refresh_failed', provider_config_key: 'sf', diagnosis, ...more }) as Issue

describe('groupedIssues', () => {
  it('puts the largest group first, and tells one kind’s causes apart', () => {
    const other = { ...diagnosis, code: 'sf-b', title: 'B' }
    const groups = groupedIssues([issue('1', { diagnosis: other }), issue('2', {}), issue('3', {})], 'kind')
    expect(groups.map(({ title, issues }) => [title, issues.map(({ id }) => id)])).toEqual([
      ['A', ['2', '3']],
      ['B', ['1']],
    ])
  })

  it('has a diagnosis of its own only where all say the same', () => {
    const elsewhere = { ...diagnosis, cause: 'because of another host' }
    expect(
      groupedIssues([issue('1', {}), issue('2', { diagnosis: { ...diagnosis, evidence: { status: 400 } } })], 'kind')[0]!.diagnosis,
    ).toEqual({ ...diagnosis, evidence: {} })
    expect(groupedIssues([issue('1', {}), issue('2', { diagnosis: elsewhere })], 'kind')[0]!.diagnosis).toBeUndefined()
    expect(groupedIssues([issue('1', { diagnosis: null })], 'kind')[0]).toMatchObject({
      title: 'The sign-in no longer works',
      diagnosis: undefined,
    })
  })

  it('groups by integration', () => {
    const groups = groupedIssues([issue('1', { provider_config_key: 'x' }), issue('2', { kind: 'sandbox_refreshed' })], 'integration')
    expect(groups.map(({ title }) => title)).toEqual(['x', 'sf'])
  })
})
