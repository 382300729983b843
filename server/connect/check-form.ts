/**
 * `POST /connect-ui/check/:providerConfigKey` with `{ params }`: what is wrong with the filled-in form, as `{ data: { errors } }`. The hosted page asks
 * before it leaves for the provider, so that a mistyped value is corrected where it was typed. It belongs to that page, not to the API;
 * `begin-oauth` checks again.
 */
import type { FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import { z } from 'zod'
import { oauthConnect } from '@hawser/api/browser.ts'
import { fail, type FieldError } from '@hawser/api/errors.ts'
import { bearerOf } from '#http/authenticate.ts'
import { limitBodyTime } from '#http/body-time.ts'
import { fieldErrors } from '#http/parse-input.ts'
import { admittedSession, readKey } from './admitted-session.ts'
import { checkFields } from './check-fields.ts'
import type { ConnectDeps } from './connect-deps.ts'
import type { StoredSession } from './session.ts'
import { openDefaults } from './session-defaults.ts'

const filledIn = z.strictObject({ params: oauthConnect.query.shape.params })

const MAX_BODY = 32 * 1024

export function checkForm(deps: ConnectDeps): {
  options: RouteShorthandOptions
  handle: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>
} {
  const sessions = new WeakMap<FastifyRequest, StoredSession>()
  return {
    options: {
      bodyLimit: MAX_BODY,
      // Before the body is read, as for every endpoint.
      onRequest: async (request) => {
        const session = await admittedSession(deps, bearerOf(request.headers.authorization), readKey(request))
        sessions.set(request, session)
        limitBodyTime(request)
      },
    },
    handle: async (request, reply) => {
      const session = sessions.get(request)!
      const body = filledIn.safeParse(request.body)
      if (!body.success) throw fail('invalid_body', { errors: fieldErrors(body.error) })
      return reply.send({ data: { errors: await errorsIn(deps, session, readKey(request), body.data.params ?? {}) } })
    },
  }
}

async function errorsIn(deps: ConnectDeps, session: StoredSession, key: string, params: Record<string, string>): Promise<FieldError[]> {
  const integration = await deps.findIntegration(session.environmentId, key)
  if (!integration) throw fail('unknown_provider_config')
  const provider = deps.kit.catalogue.get(integration.provider)
  if (!provider) throw fail('unknown_provider')
  const defaults = (await openDefaults(deps.kit.vault, session))[key]?.connection_config ?? {}
  const fields = checkFields(provider, { params, defaults })
  return fields.ok ? [] : fields.errors
}
