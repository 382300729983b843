import { parseCronItems } from 'graphile-worker'
import { expect, it } from 'vitest'
import { CRON } from './cron.ts'

it('every schedule is of the form that the worker reads: one that is not stops all jobs', () => {
  const items = CRON.map(({ name, match }) => ({ task: name, match, identifier: name }))
  expect(parseCronItems(items)).toHaveLength(CRON.length)
  expect(() => parseCronItems([{ task: 'x', match: '5-55/10 * * * *' }])).toThrow()
})
