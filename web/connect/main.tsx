import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './page.css'
import { App } from './app.tsx'
import { themeOf, wear } from './look.ts'
import { readOpening } from './opened-with.ts'
import { parentPage } from './parent-page.ts'
import { chosenLanguage, textsIn } from './texts/language.ts'
import { WordsProvider } from './words.tsx'

const opening = readOpening()
const html = document.documentElement
html.classList.add(opening.embedded ? 'embedded' : 'standalone')
wear(themeOf(opening.theme, undefined, matchMedia('(prefers-color-scheme: dark)').matches), undefined)

const words = await textsIn(chosenLanguage([opening.lang, ...navigator.languages]))
html.lang = words.language
const parent = parentPage(opening)
const container = document.getElementById('root')
if (container)
  createRoot(container).render(
    <StrictMode>
      <WordsProvider value={words}>
        <App opening={opening} parent={parent} />
      </WordsProvider>
    </StrictMode>,
  )
