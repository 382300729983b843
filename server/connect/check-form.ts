/**
 * `POST /connect-ui/check/:providerConfigKey` with `{ params }`: what is wrong with the filled-in form, as `{ data: { errors } }`. The hosted page asks
 * before it leaves for the provider, so that a mistyped value is corrected where it was typed. It belongs to that page, not to the API;
 * `begin-oauth` checks again.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { oauthConnect } from '@hawser/api/browser.ts'
import { fail } from '@hawser/api/errors.ts'
import { bearerOf } from '#http/authenticate.ts'
import { admittedSession, fieldErrors, readKey } from './admitted-session.ts'
import { checkFields } from './check-fields.ts'
import type { ConnectDeps } from './connect-deps.ts'
import { openDefaults } from './session-defaults.ts'

const filledIn = z.strictObject({ params: oauthConnect.query.shape.params })

export function checkForm(deps: ConnectDeps) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const key = readKey(request)
    const session = await admittedSession(deps, bearerOf(request.headers.authorization), key)
    const body = filledIn.safeParse(request.body)
    if (!body.success) throw fail('invalid_body', { errors: fieldErrors(body.error) })
    const integration = await deps.findIntegration(session.environmentId, key)
    if (!integration) throw fail('unknown_provider_config')
    const provider = deps.kit.catalogue.get(integration.provider)
    if (!provider) throw fail('unknown_provider')
    const defaults = (await openDefaults(deps.kit.vault, session))[key]?.connection_config ?? {}
    const fields = checkFields(provider, { params: body.data.params ?? {}, defaults })
    return reply.send({ data: { errors: fields.ok ? [] : fields.errors } })
  }
}
