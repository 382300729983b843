import { Link } from '@tanstack/react-router'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { chooseEnvironment, useWorkplace } from './me.ts'
import { places } from './places.ts'
import { chooseTheme, chosenTheme, themes, type Theme } from './theme.ts'

export function Sidebar() {
  const { me, environment, may } = useWorkplace()
  const shown = places.filter(({ scope }) => scope === undefined || may(scope))
  return (
    <div className="flex flex-col gap-4 border-b border-line bg-card p-3 md:sticky md:top-0 md:h-dvh md:border-r md:border-b-0">
      <div className="flex items-center justify-between px-2 pt-1">
        <Link to="/overview" className="text-lg font-semibold tracking-tight">
          Hawser
        </Link>
      </div>
      <EnvironmentChoice names={me.environments.map(({ name }) => name)} chosen={environment?.name} />
      <nav aria-label="Main" className="-mx-1 flex gap-0.5 overflow-x-auto px-1 md:flex-col md:overflow-visible">
        {shown.map(({ to, label, icon: Icon }) => (
          <Link
            key={to}
            to={to}
            className="flex shrink-0 items-center gap-2.5 rounded-md px-2.5 py-1.5 text-soft hover:bg-sunk hover:text-ink"
            activeProps={{ className: 'bg-sunk font-medium text-ink', 'aria-current': 'page' }}
          >
            <Icon aria-hidden className="size-4" />
            {label}
          </Link>
        ))}
      </nav>
      <div className="mt-auto flex items-center justify-between gap-2 md:flex-col md:items-stretch">
        <ThemeChoice />
        <Link to="/account" className="truncate rounded-md px-2.5 py-1.5 text-sm text-soft hover:bg-sunk hover:text-ink">
          {me.name || me.email}
        </Link>
      </div>
    </div>
  )
}

function EnvironmentChoice({ names, chosen }: { names: string[]; chosen: string | undefined }) {
  const queries = useQueryClient()
  return (
    <label className="block px-2 text-sm">
      <span className="sr-only">Environment</span>
      <select
        className="w-full rounded-md border border-line bg-card px-2 py-1.5"
        value={chosen ?? ''}
        onChange={(event) => {
          chooseEnvironment(event.target.value)
          // Nothing of one environment may be shown under the name of another.
          void queries.resetQueries()
        }}
      >
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  )
}

const LABELS: Record<Theme, string> = { system: 'As the system', light: 'Light', dark: 'Dark' }

function ThemeChoice() {
  const [theme, setTheme] = useState(chosenTheme)
  return (
    <label className="block px-2 text-sm text-soft">
      <span className="sr-only">Colours</span>
      <select
        className="w-full rounded-md border border-line bg-card px-2 py-1"
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
    </label>
  )
}
