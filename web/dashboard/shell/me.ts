/** Who is signed in, what she may do here, and in which environment she works. */
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import type { Scope } from '@hawser/api/scopes.ts'
import { scopeCovers } from '@hawser/api/scopes.ts'
import { send, setEnvironment } from '../api/call.ts'

export interface Me {
  person: { id: string; email: string; name: string; totp: boolean }
  environments: { name: string; role: 'owner' | 'developer' | 'support' | 'viewer'; scopes: string[] }[]
}

const STORED = 'hawser-environment'

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }) => (await send('GET', '/people/me', undefined, signal)) as { data: Me },
  staleTime: 60_000,
  select: ({ data }) => data,
})

/** The environment of this browser tab, chosen before, or the first. */
export function useWorkplace() {
  const { data: me } = useSuspenseQuery(meQuery)
  const wanted = sessionStorage.getItem(STORED) ?? localStorage.getItem(STORED)
  const environment = me.environments.find(({ name }) => name === wanted) ?? me.environments[0]
  setEnvironment(environment?.name)
  return {
    me,
    environment,
    may: (scope: Scope) => environment !== undefined && scopeCovers(environment.scopes, scope),
  }
}

export function chooseEnvironment(name: string): void {
  sessionStorage.setItem(STORED, name)
  localStorage.setItem(STORED, name)
  setEnvironment(name)
}
