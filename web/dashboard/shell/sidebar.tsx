import { Link, useLocation } from '@tanstack/react-router'
import { useQueryClient } from '@tanstack/react-query'
import CircleUser from 'lucide-react/icons/circle-user'
import { chooseEnvironment, useWorkplace } from './me.ts'
import { places } from './places.ts'
import { ThemeChoice } from './theme-choice.tsx'
import { useCurrentInSight } from './use-current-in-sight.ts'

const LOOK =
  'rounded-md px-2.5 py-1.5 text-soft hover:bg-sunk hover:text-ink focus-visible:outline-2 focus-visible:outline-ring aria-[current=page]:bg-sunk aria-[current=page]:font-medium aria-[current=page]:text-ink'

/** At the side of wide windows; a bar of three rows above narrow ones. */
export function Sidebar() {
  const { me, environment, may } = useWorkplace()
  const { pathname } = useLocation()
  const nav = useCurrentInSight()
  const shown = places.filter(({ scope }) => scope === undefined || may(scope))
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line bg-card p-3 md:sticky md:top-0 md:h-dvh md:flex-col md:flex-nowrap md:items-stretch md:gap-4 md:border-r md:border-b-0">
      <Link
        to="/overview"
        className="rounded-md px-2 text-lg font-semibold tracking-tight focus-visible:outline-2 focus-visible:outline-ring md:pt-1"
      >
        Hawser
      </Link>
      <EnvironmentChoice names={me.environments.map(({ name }) => name)} chosen={environment?.name} />
      <nav
        ref={nav}
        aria-label="Main"
        className="order-last -mx-1 flex w-full gap-0.5 overflow-x-auto p-1 md:order-none md:mx-0 md:w-auto md:flex-col md:overflow-visible md:p-0"
      >
        {shown.map(({ to, label, icon: Icon, under }) => (
          <Link
            key={to}
            to={to}
            {...(under !== undefined && pathname.startsWith(under) ? { 'aria-current': 'page' as const } : {})}
            activeOptions={{ includeSearch: false }}
            className={`flex shrink-0 items-center gap-2.5 ${LOOK}`}
          >
            <Icon aria-hidden className="size-4" />
            {label}
          </Link>
        ))}
      </nav>
      <div className="flex items-center gap-2 md:mt-auto md:flex-col md:items-stretch">
        <div className="max-md:hidden">
          <ThemeChoice />
        </div>
        <Link to="/account" aria-label={`Your account: ${me.name || me.email}`} className={`flex items-center gap-2.5 text-sm ${LOOK}`}>
          <CircleUser aria-hidden className="size-4 shrink-0" />
          <span className="truncate max-md:sr-only">{me.name || me.email}</span>
        </Link>
      </div>
    </div>
  )
}

function EnvironmentChoice({ names, chosen }: { names: string[]; chosen: string | undefined }) {
  const queries = useQueryClient()
  return (
    <select
      aria-label="Environment"
      className="min-w-0 flex-1 rounded-md border border-line bg-card px-2 py-1.5 text-sm focus-visible:outline-2 focus-visible:outline-ring md:flex-none"
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
  )
}
