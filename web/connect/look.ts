/** The customer's brand on the page: theme, and her colour with what can be read on it. */
import { HEX_COLOUR, readableOn, textColourOn } from '../ui/contrast.ts'
import type { Session } from './server.ts'

export type Settings = Session['connectUISettings']
export type Theme = 'light' | 'dark'
/** As `--card` in `colours.css`. */
const CARDS: Record<Theme, string> = { light: '#ffffff', dark: '#18202a' }

/** `wanted`: the address's word, which wins over the environment's. */
export function themeOf(wanted: 'light' | 'dark' | 'system' | undefined, settings: Settings | undefined, prefersDark: boolean): Theme {
  const chosen = wanted ?? settings?.defaultTheme ?? 'system'
  return chosen === 'system' ? (prefersDark ? 'dark' : 'light') : chosen
}

/** Values of custom properties; empty: the theme's own. */
export function brandColours(settings: Settings | undefined, theme: Theme): Record<string, string> {
  const primary = settings?.theme[theme].primary
  if (primary === undefined || !HEX_COLOUR.test(primary)) return {}
  const card = CARDS[theme]
  return {
    '--accent': primary,
    '--on-accent': textColourOn(primary),
    '--link': readableOn(primary, card, 4.5),
    '--ring': readableOn(primary, card, 3),
  }
}

export function wear(theme: Theme, settings: Settings | undefined): void {
  const { style, dataset } = document.documentElement
  dataset['theme'] = theme
  for (const name of ['--accent', '--on-accent', '--link', '--ring']) style.removeProperty(name)
  for (const [name, value] of Object.entries(brandColours(settings, theme))) style.setProperty(name, value)
}
