/** The texts of the chosen language, for every component. */
import { createContext, useContext } from 'react'
import { en, type Texts } from './texts/en.ts'
import type { Language } from './texts/language.ts'

const Words = createContext<{ language: Language; texts: Texts }>({ language: 'en', texts: en })

export const WordsProvider = Words.Provider
export const useTexts = (): Texts => useContext(Words).texts

/** For what the server says: its texts are English. Empty on an English page. */
export function useServerLang(): { lang?: 'en' } {
  return useContext(Words).language === 'en' ? {} : { lang: 'en' }
}

export const useLanguage = (): Language => useContext(Words).language
