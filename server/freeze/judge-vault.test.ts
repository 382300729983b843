import { describe, expect, it } from 'vitest'
import { judgeVault } from './judge-vault.ts'

const epoch = '01900000-0000-7000-8000-000000000001'
const other = '01900000-0000-7000-8000-000000000002'
const home = '7000000000000000001/16384'
const row = { epoch, generation: 10, home }

describe('judgeVault', () => {
  it('takes a database that nobody has used, with the epoch that the operator named if there is one', () => {
    const fresh = { epoch, generation: 0, home: null }
    expect(judgeVault(fresh, undefined, undefined, home)).toEqual({ kind: 'adopt', epoch })
    expect(judgeVault(fresh, undefined, other, home)).toEqual({ kind: 'adopt', epoch: other })
  })

  it.each([
    ['the same state', { epoch, generation: 10 }, undefined, home, 'ours'],
    ['a later state: other nodes went on', { epoch, generation: 3 }, undefined, home, 'ours'],
    ['an older state than was seen', { epoch, generation: 11 }, undefined, home, 'older'],
    ['another database of the same cluster', { epoch, generation: 10 }, undefined, '7000000000000000001/16999', 'moved'],
    ['another cluster', { epoch, generation: 10 }, undefined, '7000000000000000002/16384', 'moved'],
    ['a cluster that may not be asked about', { epoch, generation: 10 }, undefined, '?/16384', 'ours'],
    ['an epoch that the directory does not know', { epoch: other, generation: 99 }, undefined, home, 'other_epoch'],
    ['an empty directory', undefined, undefined, home, 'unknown_directory'],
    ['an empty directory, with the epoch from the operator', undefined, epoch, home, 'ours'],
    ['the operator’s word against the directory’s', { epoch: other, generation: 99 }, epoch, home, 'ours'],
    ['the operator’s word against the database’s', { epoch, generation: 10 }, other, home, 'other_epoch'],
    ['a dump elsewhere, with the whole environment copied', undefined, epoch, '7000000000000000002/16384', 'moved'],
    ['an older state, whatever the operator says', { epoch, generation: 11 }, epoch, home, 'older'],
  ])('%s', (_name, seen, told, at, expected) => {
    const verdict = judgeVault(row, seen, told, at)
    expect(verdict.kind === 'frozen' ? verdict.reason : verdict.kind).toBe(expected)
  })

  it('a backup from before epochs were counted is older', () => {
    expect(judgeVault({ epoch, generation: 0, home: null }, { epoch, generation: 4 }, undefined, home)).toEqual({
      kind: 'frozen',
      reason: 'older',
    })
  })
})
