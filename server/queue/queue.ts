/** Durable jobs on the same PostgreSQL (graphile-worker). */
import type { Transaction } from 'kysely'

interface RevokedSubject {
  environmentId: string
  id: string
  connectionId: string
  integrationKey: string
  provider: string
  webhookUrlOverride: string | null
  endUser: null
  tags: Record<string, string>
}

/** Every kind of job with its payload. */
export interface Jobs {
  'deliver-event': { eventId: string }
  'deliver-alerts': Record<string, never>
  'revoke-grant': {
    url: string
    integrationId: string
    environmentId: string
    label: string
    dataKey: string
    sealed: string
    /** Nothing is revoked if a connection lives on the token again. */
    unlessHeld?: boolean
    /** Whose the grant was; told if it cannot be revoked. */
    subject?: RevokedSubject
    /** Failed so far. */
    attempts?: number
  }
  'clean-up': Record<string, never>
  'refresh-ahead': Record<string, never>
  'refresh-org-facts': Record<string, never>
}

export type JobName = keyof Jobs

export interface JobOptions {
  /** ISO time before which the job is not run. */
  runAt?: Date
  /** A second job with the key of a waiting one replaces it. */
  key?: string
  maxAttempts?: number
}

export interface Queue {
  /** With a transaction, the job exists exactly if the transaction commits. */
  add<N extends JobName>(name: N, payload: Jobs[N], options?: JobOptions, transaction?: Transaction<unknown>): Promise<void>
}

/** Throws to be run again later (graphile-worker's exponential back-off). */
export type JobHandler<N extends JobName> = (payload: Jobs[N]) => Promise<void>
export type JobHandlers = { [N in JobName]?: JobHandler<N> }
