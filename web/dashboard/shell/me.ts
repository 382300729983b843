/** Who is signed in, what she may do here, and in which environment she works. */
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import type { PeopleScope } from '@hawser/api/roles.ts'
import type { Scope } from '@hawser/api/scopes.ts'
import { ApiError } from '../api/api-error.ts'
import { call, setEnvironment, type Reply } from '../api/call.ts'

export type Me = Reply<'getMe'>['data']

const STORED = 'hawser-environment'

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) =>
    call('getMe', {}, signal).catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.code !== 'not_found') throw error
      // She lost her role in the environment that calls are about.
      setEnvironment(undefined)
      return call('getMe', {}, signal)
    }),
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
    may: (scope: Scope | PeopleScope) => environment?.scopes.includes(scope) === true,
  }
}

export function chooseEnvironment(name: string): void {
  sessionStorage.setItem(STORED, name)
  localStorage.setItem(STORED, name)
  setEnvironment(name)
}
