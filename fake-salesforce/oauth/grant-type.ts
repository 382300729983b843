import type { Incoming } from '../incoming.ts'
import type { State } from '../state.ts'

/** What a grant type answers. `cut`: the work is done, but the answer gets lost on its way. */
export interface Granted {
  fields: Record<string, string>
  cut?: boolean
}

export type GrantType = (state: State, incoming: Incoming, form: URLSearchParams) => Granted
