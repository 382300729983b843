/** The steps of a refresh at which a server is killed, and what must become of the grant. */
import type { DoorStop } from './provider-door.ts'
import type { FaultPoint } from './fault-points.ts'

export interface KillStep {
  name: string
  at: { point: FaultPoint } | { door: DoorStop } | 'answered'
  /**
   * `lives`: it works again after the restart. `told`: the provider has rotated and the new token died with the process, before it was on disk:
   * nobody can have it, and an issue must say so.
   */
  fate: 'lives' | 'told'
  /** How often the refresh token that was in use may be sent after the restart. */
  sentAgain: 0 | 1
  /** Whether nothing may be sent in the first two minutes, since nobody knows what came of the request. */
  rests: boolean
}

const PART = /[/]spool[/][.][0-9a-f]+[.]part$/
const SPOOLED = /[.]spool$/
const DONE = /[.]done$/
const TAKES_LEASE = /set lease_holder = .*fence = fence/
const NOTES_REQUEST = /set refresh_started_at = hawser_now/
const STORES = /set credentials = [^]*refreshed_at = hawser_now[^]*and [(]+g[.]version =/

const noDoubt = { fate: 'lives', sentAgain: 1, rests: false } as const
const doubt = { fate: 'lives', sentAgain: 1, rests: true } as const
const lost = { fate: 'told', sentAgain: 1, rests: true } as const
const safe = { fate: 'lives', sentAgain: 0, rests: false } as const

/** In the order in which a refresh comes through them. */
export const killSteps: readonly KillStep[] = [
  { name: 'before the lease', at: { point: { on: { statement: TAKES_LEASE }, when: 'before' } }, ...noDoubt },
  { name: 'under the lease, before the request is noted', at: { point: { on: { statement: NOTES_REQUEST }, when: 'before' } }, ...noDoubt },
  { name: 'before the request is sent', at: { point: { on: { statement: NOTES_REQUEST }, when: 'after' } }, ...doubt },
  { name: 'after the request was sent', at: { door: 'request-arrived' }, ...doubt },
  { name: 'after the provider has acted', at: { door: 'carried-out' }, ...lost },
  { name: 'in the middle of the answer', at: { door: 'half-answered' }, ...lost },
  { name: 'after the answer, before it is written anywhere', at: { point: { on: { open: PART }, when: 'before' } }, ...lost },
  { name: 'in the middle of writing the spool', at: { point: { on: { write: PART }, when: 'half' } }, ...lost },
  { name: 'before the spooled file has its name', at: { point: { on: { rename: SPOOLED }, when: 'before' } }, ...lost },
  { name: 'after the spooled file has its name', at: { point: { on: { rename: SPOOLED }, when: 'after' } }, ...safe },
  { name: 'before the tokens are stored', at: { point: { on: { statement: STORES }, when: 'before' } }, ...safe },
  { name: 'after the tokens are stored', at: { point: { on: { statement: STORES }, when: 'after' } }, ...safe },
  { name: 'before the spooled file is marked as stored', at: { point: { on: { rename: DONE }, when: 'before' } }, ...safe },
  { name: 'after the call was answered', at: 'answered', ...safe },
]
