/** An endpoint of the HTTP API as data: the server's routes, the OpenAPI document and the SDK's types are derived from it. */
import type { z } from 'zod'
import type { ErrorCode } from './errors.ts'
import type { PeopleScope } from './roles.ts'
import type { Scope } from './scopes.ts'

export interface Access {
  /** API keys, and people who are signed in, that hold one of these scopes; an empty list means any of them. Absent: none may call. */
  key?: readonly Scope[]
  /** People alone, with one of these scopes; an empty list means whoever is signed in. */
  person?: readonly PeopleScope[]
  /** Nobody has to say who they are, but the call must come from a page of this server. */
  page?: true
  /** Connect session tokens may call. */
  session?: true
  /** Nobody has to say who they are. */
  open?: true
}

export interface Route {
  name: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** `/connections/:connectionId`; a last part `:name*` takes the rest of the path, slashes included. */
  path: string
  summary: string
  access: Access
  params?: z.ZodType
  query?: z.ZodType
  body?: z.ZodType
  /** Status and body of success; null = no body. */
  reply: { status: number; body: z.ZodType | null }
  /** People must have proved lately who they are. */
  confirmed?: true
  /** Codes beyond those that every endpoint may answer. */
  errors?: readonly ErrorCode[]
}

export function defineRoute<const R extends Route>(route: R): R {
  return route
}

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined
export type ParamsOf<R extends Route> = Parsed<R['params']>
export type QueryOf<R extends Route> = Parsed<R['query']>
export type BodyOf<R extends Route> = Parsed<R['body']>
export type ReplyOf<R extends Route> = R['reply']['body'] extends z.ZodType ? z.input<R['reply']['body']> : null
