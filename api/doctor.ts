/** What a failure means: from a text that somebody copied, or by asking the provider. Nothing of either is stored. */
import { z } from 'zod'
import { defineRoute } from './route.ts'
import * as values from './values.ts'

/** The longest text that is read. */
export const LONGEST_PASTE = 16 * 1024

export const diagnoseText = defineRoute({
  name: 'diagnoseText',
  method: 'POST',
  path: '/doctor',
  summary:
    'Explains a pasted error: an address, the text of a page, JSON, the output of the Salesforce CLI. Unknown texts are called unknown.',
  access: { key: [], session: true },
  query: values.nothing,
  body: z.strictObject({
    text: z.string().min(1).max(LONGEST_PASTE),
    /** The integration in which it happened: codes that all providers share are then read as this provider's. */
    integration: values.integrationKey.optional(),
  }),
  reply: {
    status: 200,
    body: z.object({
      data: z
        .object({
          known: z.boolean(),
          diagnosis: values.diagnosis.nullable(),
          recognised_as: z.enum(['address', 'token_answer', 'rest_answer', 'page_text', 'deploy_result', 'hawser_error']).nullable(),
        })
        .meta({ id: 'ExplainedText' }),
    }),
  },
  errors: ['unknown_provider_config', 'integration_not_allowed'],
})

const check = z.object({
  name: z.enum(['client_id', 'callback_url', 'scopes', 'pkce']),
  /** `unknown`: the provider's answer does not show it. */
  result: z.enum(['ok', 'failed', 'unknown']),
  diagnosis: values.diagnosis.nullable(),
})

export const probeIntegration = defineRoute({
  name: 'probeIntegration',
  method: 'POST',
  path: '/integrations/:uniqueKey/probe',
  summary: "Asks Salesforce's sign-in page, without a user, whether it takes the integration's client id, callback URL and scopes.",
  access: { key: ['environment:integrations:read'] },
  params: z.strictObject({ uniqueKey: values.integrationKey }),
  query: values.nothing,
  body: z.strictObject({
    /** The My Domain to ask in place of the provider's usual host. */
    hostname: z.string().min(1).max(2000).optional(),
  }),
  reply: {
    status: 200,
    body: z.object({
      data: z
        .object({
          /** No check failed, and the provider took the client id and the callback URL. */
          ok: z.boolean(),
          checks: z.array(check),
          /** Whether the app insists on PKCE; `null` when that could not be seen. */
          pkce_required: z.boolean().nullable(),
          /** The host that was asked. */
          host: z.string(),
        })
        .meta({ id: 'IntegrationProbe' }),
    }),
  },
  errors: ['unknown_provider_config', 'unknown_provider', 'invalid_auth_mode', 'missing_client_id', 'invalid_hostname'],
})
