/** The main navigation. `scope`: hidden from people whose role lacks it. */
import { Activity, Blocks, CircleAlert, Gauge, Link2, Rocket, Settings, Webhook, type LucideIcon } from 'lucide-react'
import type { Scope } from '@hawser/api/scopes.ts'

export interface Place {
  to: string
  label: string
  icon: LucideIcon
  scope?: Scope
  /** It is also the place of every path that begins so. */
  under?: string
}

export const places: readonly Place[] = [
  { to: '/start', label: 'Getting started', icon: Rocket },
  { to: '/overview', label: 'Overview', icon: Gauge },
  { to: '/integrations', label: 'Integrations', icon: Blocks, scope: 'environment:integrations:list' },
  { to: '/connections', label: 'Connections', icon: Link2, scope: 'environment:connections:list' },
  { to: '/logs', label: 'Logs', icon: Activity },
  { to: '/issues', label: 'Issues', icon: CircleAlert, scope: 'environment:connections:list' },
  { to: '/webhooks', label: 'Webhooks', icon: Webhook, scope: 'environment:settings:read' },
  { to: '/settings/environment', label: 'Settings', icon: Settings, scope: 'environment:settings:read', under: '/settings/' },
]
