/** Puts the contract's endpoints on the server: access, then input, then the handler, then the answer. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { fail } from '@hawser/api/errors.ts'
import { allScopesOf } from '@hawser/api/roles.ts'
import type { Route } from '@hawser/api/route.ts'
import type { Authenticator } from './authenticate.ts'
import { hasBody, limitBodyTime } from './body-time.ts'
import type { Call, Handler } from './handler.ts'
import { parseInput } from './parse-input.ts'
import { requireOwnPage } from './own-page.ts'
import { requirePeopleScope, requireScope, type MemberPrincipal, type Principal } from './principal.ts'

export interface MountOptions {
  routes: readonly Route[]
  handlers: readonly Handler[]
  authenticator: Authenticator
  /** Origin of the public URL: pages of this server call from there. */
  origin?: string
  /** Holds every answer against its schema; on in tests. */
  checkReplies: boolean
  /** How long a caller who was admitted may take to send his body, in ms; a minute unless given. */
  bodyDeadlineMs?: number
}

const CORS_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-max-age': '600',
  'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers':
    'Authorization, Content-Type, Accept, Nango-Is-Sync, Nango-Is-Script, Nango-Is-Dry-Run, Nango-Activity-Log-Id, Provider-Config-Key, Connection-Id',
}

export function mount(app: FastifyInstance, options: MountOptions): void {
  const byName = new Map(options.handlers.map((handler) => [handler.route.name, handler]))
  const missing = options.routes.filter((route) => !byName.has(route.name)).map((route) => route.name)
  if (missing.length > 0) throw new Error(`endpoints of the contract without a handler: ${missing.join(', ')}`)
  for (const route of options.routes) mountRoute(app, route, byName.get(route.name)!, options)
  allowCrossOrigin(app, options.routes)
}

/** Of an endpoint that takes its credential in the body: here there is no caller yet who could be asked to account for it. */
const OPEN_BODY_BYTES = 16 * 1024

const principals = new WeakMap<FastifyRequest, Principal>()

function mountRoute(app: FastifyInstance, route: Route, handler: Handler, options: MountOptions): void {
  const wildcard = /:([a-zA-Z]+)\*$/.exec(route.path)?.[1]
  app.route({
    method: route.method,
    url: wildcard ? route.path.replace(/:[a-zA-Z]+\*$/, '*') : route.path,
    ...(route.access.open ? { bodyLimit: OPEN_BODY_BYTES } : {}),
    // Before the body is read: an unknown caller costs a hash, not a body.
    onRequest: async (request, reply) => {
      if (isForOthers(route)) void reply.headers(CORS_HEADERS)
      const principal = await admit(route, request, options)
      if (principal) principals.set(request, principal)
      refuseForeignBody(route, request)
      limitBodyTime(request, options.bodyDeadlineMs)
    },
    handler: async (request, reply) => {
      const body = await handler.handle(readCall(route, wildcard, request, reply))
      void reply.code(route.reply.status)
      if (route.reply.body === null) return reply.send()
      return reply.send(options.checkReplies ? checked(route, body) : body)
    },
  })
}

async function admit(route: Route, request: FastifyRequest, { authenticator, origin }: MountOptions): Promise<Principal | undefined> {
  const { open, page, key, session, person } = route.access
  if (open) return undefined
  if (page) {
    requireOwnPage(request, origin)
    return undefined
  }
  const principal = await authenticator.request(request, {
    key: key !== undefined,
    session: session === true,
    person: person !== undefined,
  })
  if (principal.kind === 'member') return admitMember(route, request, principal)
  if (principal.kind === 'key') requireScope(principal, ...(key ?? []))
  return principal
}

/** Secrets are shown to people, and dangerous things done, only if they ask for it and have proved lately who they are. */
function admitMember(route: Route, request: FastifyRequest, usual: MemberPrincipal): MemberPrincipal {
  const more = route.confirmed === true || request.headers['hawser-reveal'] === 'true'
  const principal = more && usual.environmentName !== '' ? { ...usual, scopes: allScopesOf(usual.role) } : usual
  if (route.access.person) requirePeopleScope(principal, route.access.person)
  else if (principal.environmentName === '')
    throw fail('forbidden', { message: 'You have no role in any environment. Ask an owner for one.' })
  else requireScope(principal, ...(route.access.key ?? []))
  if (more && !principal.confirmed) throw fail('confirm_identity')
  return principal
}

function refuseForeignBody(route: Route, request: FastifyRequest): void {
  const type = request.headers['content-type']
  if (route.body && type !== undefined && !/^application\/json\b/i.test(type)) throw fail('invalid_content_type')
  if (route.body && hasBody(request) && type === undefined) throw fail('invalid_content_type')
}

function readCall(route: Route, wildcard: string | undefined, request: FastifyRequest, reply: FastifyReply): Call<Route> {
  const raw = request.params as Record<string, unknown>
  const params = wildcard ? { ...Object.fromEntries(Object.entries(raw).filter(([name]) => name !== '*')), [wildcard]: raw['*'] } : raw
  return {
    params: parseInput(route.params, params, 'invalid_uri_params'),
    query: parseInput(route.query, request.query, 'invalid_query_params'),
    body: parseInput(route.body, request.body === undefined ? {} : request.body, 'invalid_body'),
    principal: principals.get(request),
    request,
    reply,
  } as Call<Route>
}

function checked(route: Route, body: unknown): unknown {
  const result = route.reply.body!.safeParse(body)
  if (!result.success) throw new Error(`the answer of ${route.name} does not fit its schema: ${result.error.message}`)
  return body
}

/** What is for people alone is called from pages of this server. */
function isForOthers({ access }: Route): boolean {
  return access.person === undefined && access.page === undefined
}

/** Browsers may call with a session token from any page: without cookies, which this lets no foreign page send. */
function allowCrossOrigin(app: FastifyInstance, routes: readonly Route[]): void {
  const paths = new Set(routes.filter(isForOthers).map((route) => route.path.replace(/:[a-zA-Z]+\*$/, '*')))
  // Answered before a body could be read: a preflight has no key.
  const answer = async (_request: FastifyRequest, reply: FastifyReply) => reply.code(204).headers(CORS_HEADERS).send()
  for (const path of paths) app.options(path, { onRequest: answer }, answer)
}
