import { Badge } from '../../ui/badge.tsx'
import type { ConnectionState } from './connections-query.ts'

export const stateWords: Record<ConnectionState, string> = { ok: 'Working', broken: 'Needs attention', frozen: 'Frozen' }
const TONES = { ok: 'good', broken: 'bad', frozen: 'warn' } as const

export function StateBadge({ state }: { state: ConnectionState }) {
  return <Badge tone={TONES[state]}>{stateWords[state]}</Badge>
}
