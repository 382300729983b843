import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { wholeLinesOf } from './lines-of.ts'

/** What is to be revoked, as it is chosen on the page; counted first, then ended. A change of the choice forgets the count. */
export function useRevocation() {
  const queries = useQueryClient()
  const [choice, setChoice] = useState({ integration: '', connections: '' })
  const ids = wholeLinesOf(choice.connections)
  const send = (dry_run: boolean) =>
    call('revokeGrants', {
      body: {
        dry_run,
        ...(choice.integration ? { integration: choice.integration } : {}),
        ...(ids.length > 0 ? { connections: ids } : {}),
      },
    })
  const count = useMutation({ mutationFn: () => send(true), onSuccess: () => revoke.reset() })
  const revoke = useMutation({
    mutationFn: () => send(false),
    onSuccess: async () => {
      count.reset()
      await queries.invalidateQueries()
    },
  })
  return {
    ...choice,
    isWhole: choice.integration === '' && ids.length === 0,
    choose(change: Partial<typeof choice>) {
      setChoice({ ...choice, ...change })
      count.reset()
      revoke.reset()
    },
    count,
    revoke,
  }
}

const numbers = new Intl.NumberFormat('en')

/** `1 grant`, `2,000 grants` */
export function counted(count: number, one: string): string {
  return `${numbers.format(count)} ${one}${count === 1 ? '' : 's'}`
}
