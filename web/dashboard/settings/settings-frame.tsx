import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Title } from '../../ui/title.tsx'
import { useCurrentInSight } from '../shell/use-current-in-sight.ts'

const PARTS = [
  ['/settings/environment', 'Environment'],
  ['/settings/keys', 'Keys and tokens'],
  ['/settings/branding', 'Connect page'],
  ['/settings/members', 'Members'],
  ['/settings/audit', 'Audit'],
  ['/settings/vault', 'Vault'],
] as const

/** Around every page of the settings: the way to the others, and the page's name. */
export function SettingsFrame({
  name,
  about,
  actions,
  children,
}: {
  name: string
  about?: ReactNode
  actions?: ReactNode
  children: ReactNode
}) {
  const nav = useCurrentInSight()
  return (
    <div className="max-w-5xl">
      <nav ref={nav} aria-label="Settings" className="mb-5 flex gap-1 overflow-x-auto border-b border-line">
        {PARTS.map(([to, label]) => (
          <Link
            key={to}
            to={to}
            className="-mb-px shrink-0 border-b-2 border-transparent px-3 py-2 text-sm text-soft hover:text-ink focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-ring aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-ink"
          >
            {label}
          </Link>
        ))}
      </nav>
      <Title name={name} about={about} actions={actions} />
      {children}
    </div>
  )
}
