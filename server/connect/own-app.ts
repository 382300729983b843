/**
 * `/connect-ui/own-app/:providerConfigKey`: the External Client App of the customer's own org, through which this session signs in. Its key and secret
 * are pasted into the hosted page and sent in a body; in the address of the sign-in, where the stock client writes them, they would lie in histories and
 * logs. They are sealed with the session, and never handed out again.
 */
import { z } from 'zod'
import { fail } from '@hawser/api/errors.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import { fieldErrors } from '#http/parse-input.ts'
import { findUnstorable } from '#http/check-values.ts'
import type { ConnectDeps } from './connect-deps.ts'
import { SESSION_LABEL, type IntegrationDefaults, type StoredSession } from './session.ts'
import { openDefaults } from './session-defaults.ts'
import { setReady } from './ready.ts'
import { sessionRoute, type SessionRoute } from './session-route.ts'
import { setSessionDefaults } from './store.ts'

const pasted = z.strictObject({
  client_id: z.string().trim().min(1).max(255),
  client_secret: z.string().trim().min(1).max(2048).optional(),
})

export interface OwnAppView {
  /** `required`: the integration has no app. `none`: the provider's people have no apps, or the backend has named the app. */
  need: 'required' | 'possible' | 'none'
  /** Of the app that was pasted in this session; null: none. */
  client_id: string | null
  callback_url: string
}

export function readOwnApp(deps: ConnectDeps): SessionRoute {
  return sessionRoute(deps, (session, key) => viewOf(deps, session, key))
}

/** A failed attempt was made with another app; whoever waits for its end need not look at it any more. */
export function saveOwnApp(deps: ConnectDeps): SessionRoute {
  return sessionRoute(deps, async (session, key, request) => {
    const unstorable = findUnstorable(request.body)
    if (unstorable) throw fail('invalid_body', { errors: [unstorable] })
    const body = pasted.safeParse(request.body)
    if (!body.success) throw fail('invalid_body', { errors: fieldErrors(body.error) })
    const { client_id: clientId, client_secret: clientSecret } = body.data
    await change(deps, session, key, { client_id: clientId, ...(clientSecret === undefined ? {} : { client_secret: clientSecret }) })
    return viewOf(deps, session, key, clientId)
  })
}

export function forgetOwnApp(deps: ConnectDeps): SessionRoute {
  return sessionRoute(deps, async (session, key) => {
    await change(deps, session, key, undefined)
    return viewOf(deps, session, key, null)
  })
}

async function change(deps: ConnectDeps, session: StoredSession, key: string, app: IntegrationDefaults['own_app']): Promise<void> {
  const { kit } = deps
  const defaults = await openDefaults(kit.vault, session)
  if ((await needOf(deps, session, key, defaults[key])) === 'none')
    throw fail('forbidden', { message: 'This integration takes no app of your own here.' })
  const { own_app: _former, ...others } = defaults[key] ?? {}
  const next = { ...defaults, [key]: { ...others, ...(app ? { own_app: app } : {}) } }
  const { data_key: dataKey, ciphertext } = kit.vault.sealNew(session.environmentId, SESSION_LABEL, session.id, JSON.stringify(next))
  await deps.recordChange({
    environmentId: session.environmentId,
    actor: { kind: 'connect_session', id: session.id },
    action: app ? 'connect_session.own_app' : 'connect_session.own_app_forgotten',
    subject: { connect_session: session.id, integration: key, ...(app ? { client_id: app.client_id } : {}) },
  })
  await setSessionDefaults(kit.db.kysely, session.id, dataKey, ciphertext)
  if (app) await setReady(deps, session.id)
}

async function viewOf(deps: ConnectDeps, session: StoredSession, key: string, saved?: string | null): Promise<OwnAppView> {
  const own = (await openDefaults(deps.kit.vault, session))[key]
  return {
    need: await needOf(deps, session, key, own),
    client_id: saved === undefined ? (own?.own_app?.client_id ?? null) : saved,
    callback_url: await deps.callbackUrlOf(session.environmentId),
  }
}

async function needOf(
  deps: ConnectDeps,
  session: StoredSession,
  key: string,
  own: IntegrationDefaults | undefined,
): Promise<OwnAppView['need']> {
  const integration: StoredIntegration | undefined = await deps.findIntegration(session.environmentId, key)
  if (!integration) throw fail('unknown_provider_config')
  const named = own?.connection_config?.['oauth_client_id_override']
  if (deps.kit.catalogue.get(integration.provider)?.family !== 'salesforce' || (typeof named === 'string' && named !== '')) return 'none'
  return (await deps.clientOf(integration)) === undefined ? 'required' : 'possible'
}
