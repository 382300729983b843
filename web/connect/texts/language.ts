import { en, type Texts } from './en.ts'

export const LANGUAGES = ['en', 'es', 'fr', 'de', 'ja'] as const
export type Language = (typeof LANGUAGES)[number]

/** The first that we have of those that are wished for, such as `de-AT`; else English. */
export function chosenLanguage(wishes: readonly (string | undefined)[]): Language {
  for (const wish of wishes) {
    const primary = wish?.toLowerCase().split('-')[0]
    const found = LANGUAGES.find((language) => language === primary)
    if (found) return found
  }
  return 'en'
}

/** Each language is a file of its own, so that nobody loads the others. A failed download leaves English. */
export async function textsIn(language: Language): Promise<{ language: Language; texts: Texts }> {
  const texts = await load(language).catch(() => undefined)
  return texts ? { language, texts } : { language: 'en', texts: en }
}

async function load(language: Language): Promise<Texts> {
  switch (language) {
    case 'en':
      return en
    case 'es':
      return (await import('./es.ts')).es
    case 'fr':
      return (await import('./fr.ts')).fr
    case 'de':
      return (await import('./de.ts')).de
    case 'ja':
      return (await import('./ja.ts')).ja
  }
}
