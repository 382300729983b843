import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import type { OpenedWith } from './opened-with.ts'
import { parentPage } from './parent-page.ts'
import { chosenLanguage, textsIn } from './texts/language.ts'
import { WordsProvider } from './words.tsx'

export async function showPage(opening: OpenedWith): Promise<void> {
  const words = await textsIn(chosenLanguage([opening.lang, ...navigator.languages]))
  document.documentElement.lang = words.language
  const container = document.getElementById('root')
  if (!container) return
  createRoot(container).render(
    <StrictMode>
      <WordsProvider value={words}>
        <App opening={opening} parent={parentPage(opening)} />
      </WordsProvider>
    </StrictMode>,
  )
}
