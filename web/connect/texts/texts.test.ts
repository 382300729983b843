import { describe, expect, it } from 'vitest'
import { en } from './en.ts'
import { chosenLanguage, LANGUAGES, textsIn } from './language.ts'

/** All texts by their place; functions are called with marks. */
function flat(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]]
  if (typeof value === 'function') return [[path, String((value as (...marks: unknown[]) => string)('«1»', '«2»'))]]
  return Object.entries(value as object).flatMap(([name, inner]) => flat(inner, path === '' ? name : `${path}.${name}`))
}
const marksIn = (text: string) => [...text.matchAll(/«\d»/g)].map(([mark]) => mark).sort()
const english = new Map(flat(en))

describe.each(LANGUAGES.filter((language) => language !== 'en'))('the texts in %s', (language) => {
  it('are all there, translated, with the same values in them', async () => {
    const { texts, language: got } = await textsIn(language)
    expect(got).toBe(language)
    const own = new Map(flat(texts))
    expect([...own.keys()].sort()).toEqual([...english.keys()].sort())
    for (const [path, text] of own) {
      expect(text.trim(), path).not.toBe('')
      if (path !== 'list.found') expect(marksIn(text), path).toEqual(marksIn(english.get(path)!))
    }
    // "Consumer Key" is called so everywhere.
    const same = [...own].filter(([path, text]) => text === english.get(path) && !/^(ownApp\.(key|secret))$/.test(path))
    expect(same.filter(([, text]) => text.length > 12)).toEqual([])
  })

  it('quote the same words of Salesforce’s pages', async () => {
    const { texts } = await textsIn(language)
    const quoted = (text: string) => [...text.matchAll(/"([^"]+)"/g)].map(([, words]) => words).sort()
    texts.ownApp.steps.forEach((step, at) => expect(quoted(step)).toEqual(quoted(en.ownApp.steps[at] ?? '')))
    expect(quoted(texts.problems.salesforce_address)).toEqual(quoted(en.problems.salesforce_address))
  })
})

describe('the language', () => {
  it.each([
    [['de'], 'de'],
    [[undefined, 'fr-CA', 'en'], 'fr'],
    [['pt-BR', 'es-419'], 'es'],
    [['JA-jp'], 'ja'],
    [['xx', ''], 'en'],
    [[], 'en'],
  ])('that is chosen from %j is %s', (wishes, language) => expect(chosenLanguage(wishes)).toBe(language))
})
