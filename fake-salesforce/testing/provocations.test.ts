import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { oauthErrors, pageErrors, restErrors } from '../error-table.ts'
import { startFakeSalesforce } from '../start.ts'
import { STOPPED_CLOCK } from './browser.ts'
import { provocationById, provocations } from './provocations.ts'

/** Errors that no client of the fake's OAuth and REST surface comes to see by itself, or that one provocation shows in other words. */
const NOT_PROVOKED = new Set([
  'mustGet',
  'unknownRecordType',
  'badIds',
  'noSuchRecord',
  'tooManyRecords',
  'tooManyParts',
  'halted',
  'rolledBack',
  'badMultipart',
  'rollbackRequired',
  'deployDone',
  'badPart',
  'badCommand',
  'stagedAlready',
  'notStaged',
])

describe('provocations', () => {
  it('are many, each with an id of its own', () => {
    expect(provocations.length).toBeGreaterThanOrEqual(100)
    expect(new Set(provocations.map((one) => one.id)).size).toBe(provocations.length)
    expect(() => provocationById('none')).toThrow('no provocation')
  })

  it('stand in the README, each with where, what and how', () => {
    const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
    const rows = readme.split('\n').map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    const listed = rows.filter((cells) => ['authorize', 'page', 'token', 'rest', 'identity'].includes(cells[2] ?? ''))
    const wanted = provocations.map(({ id, where, says, by }) => ['', `\`${id}\``, where, says === '' ? '' : `\`${says}\``, by, ''])
    expect(listed).toEqual(expect.arrayContaining(wanted))
    expect(listed).toHaveLength(wanted.length)
  })

  it.each(provocations.map((one) => [one.id, one] as const))('%s says what it says it says', async (_id, { how, says, where }) => {
    const fake = await startFakeSalesforce({ clock: STOPPED_CLOCK })
    try {
      const seen = await how(fake)
      const text = `${seen.body}\n${decodeURIComponent((seen.finalUrl ?? '').replaceAll('+', ' '))}`
      expect(text).toContain(says)
      if (where === 'authorize') expect(seen.finalUrl).toContain('error=')
      if (where === 'token') expect(seen.status === 200 ? seen.contentType : seen.status).not.toBe(200)
      if (where === 'page') expect(seen.contentType).toMatch(/^text\/html/)
    } finally {
      await fake.close()
    }
  })

  it('leave out none of the table but what is named here', () => {
    const said = new Set(provocations.map((one) => decodeURIComponent(one.says)))
    const isSaid = (...texts: string[]) => [...said].some((one) => one !== '' && texts.some((text) => one.includes(text)))
    const left = [
      ...Object.entries(oauthErrors).filter(([, one]) => !isSaid(one.description, one.error)),
      ...Object.entries(pageErrors).filter(([, one]) => !isSaid(one.description, one.onScreen)),
      ...Object.entries(restErrors).filter(([, one]) => !isSaid(one.message, one.errorCode)),
    ].map(([name]) => name)
    expect(left.filter((name) => !name.startsWith('bulk') && !NOT_PROVOKED.has(name))).toEqual([])
  })
})
