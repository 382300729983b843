/** Small, and there at once: it asks for the data, chooses the colours, and lets the page follow. */
import './page.css'
import { askEarly } from './early.ts'
import { themeOf, wear } from './look.ts'
import { readOpening } from './opened-with.ts'

const opening = readOpening()
askEarly(opening)
document.documentElement.classList.add(opening.embedded ? 'embedded' : 'standalone')
wear(themeOf(opening.theme, undefined, matchMedia('(prefers-color-scheme: dark)').matches), undefined)
const { showPage } = await import('./page.tsx')
await showPage(opening)
