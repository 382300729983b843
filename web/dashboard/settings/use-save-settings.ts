import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call, type Input, type Reply } from '../api/call.ts'
import { useWorkplace } from '../shell/me.ts'

export type EnvironmentSettings = Reply<'getEnvironment'>['data']
export type SettingsChange = NonNullable<Input<'updateEnvironment'>['body']>

/** Sends what changed, then shows what the server has. */
export function useSaveSettings() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (change: SettingsChange) => call('updateEnvironment', { body: change }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['environment'] }),
  })
}

/** Why she may not change settings; undefined: she may. */
export function useSettingsRefusal(): string | undefined {
  const { may } = useWorkplace()
  return may('environment:settings:update') ? undefined : 'Your role may read settings, not change them.'
}
