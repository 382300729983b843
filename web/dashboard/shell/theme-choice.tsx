import { useState } from 'react'
import { chooseTheme, chosenTheme, themes, type Theme } from './theme.ts'

const LABELS: Record<Theme, string> = { system: 'As the system', light: 'Light', dark: 'Dark' }

export function ThemeChoice() {
  const [theme, setTheme] = useState(chosenTheme)
  return (
    <select
      aria-label="Colours"
      className="w-full rounded-md border border-line bg-card px-2 py-1 text-sm text-soft focus-visible:outline-2 focus-visible:outline-ring"
      value={theme}
      onChange={(event) => {
        const chosen = event.target.value as Theme
        chooseTheme(chosen)
        setTheme(chosen)
      }}
    >
      {themes.map((name) => (
        <option key={name} value={name}>
          {LABELS[name]}
        </option>
      ))}
    </select>
  )
}
