import { useQuery } from '@tanstack/react-query'
import { useWorkplace } from '../shell/me.ts'
import type { AuditEvent } from './audit-query.ts'
import { ACTOR_KINDS } from './audit-words.ts'
import { apiKeysQuery } from './keys-query.ts'
import { peopleQuery } from './members-page.tsx'

/** Names of keys and people that she may list; else the kind alone. Keys that were revoked, and people who left, have no name any more. */
export function useActorNames(): (actor: AuditEvent['actor']) => string {
  const { me, may } = useWorkplace()
  const keys = useQuery({ ...apiKeysQuery, enabled: may('environment:api_keys:list') })
  const people = useQuery({ ...peopleQuery, enabled: me.owner })
  const names = new Map([
    ...(keys.data ?? []).map(({ id, display_name: name }) => [id, name] as const),
    ...(people.data ?? []).map(({ id, name, email }) => [id, name || email] as const),
    [me.id, me.name || me.email] as const,
  ])
  return ({ kind, id }) => (id === undefined ? undefined : names.get(id)) ?? ACTOR_KINDS[kind] ?? kind
}
