/** External Client Apps as files: what an administrator deploys in place of clicking through Setup. Nothing of it is stored. */
import { z } from 'zod'
import { orgKinds } from './environment.ts'
import { defineRoute } from './route.ts'
import * as values from './values.ts'

const text = z.string().max(4000)
const texts = z.array(text).max(500)
const flag = z.boolean()

const ipRange = z.strictObject({ start: text, end: text, description: text.optional() })
const attribute = z.strictObject({ key: text, formula: text })

/** What the setup guide has no field for; mostly comes from connected apps. */
const extras = z.strictObject({
  certificate: z.string().max(16_000).optional(),
  id_token_audience: text.optional(),
  id_token_attributes: flag.optional(),
  id_token_custom_permissions: flag.optional(),
  id_token_standard_claims: flag.optional(),
  id_token_validity_minutes: z.int().optional(),
  code_credentials_post_only: flag.optional(),
  introspect_all_tokens: flag.optional(),
  secret_for_token_exchange: flag.optional(),
  named_user_jwt: flag.optional(),
  dpop: flag.optional(),
  mtls: flag.optional(),
  asset_token_audiences: text.optional(),
  asset_token_attributes: flag.optional(),
  asset_token_custom_permissions: flag.optional(),
  asset_token_signing_certificate: text.optional(),
  asset_token_validity: z.int().optional(),
  client_assertion_certificate: z.string().max(16_000).optional(),
  single_logout_url: text.optional(),
  custom_scopes: texts.optional(),
  custom_attributes: z.array(attribute).max(500).optional(),
  trusted_ip_ranges: z.array(ipRange).max(500).optional(),
  client_credentials_user: text.optional(),
  client_credentials_policy: flag.optional(),
  guest_code_credentials_policy: flag.optional(),
  token_exchange_policy: flag.optional(),
  policy_action: text.optional(),
  policy_single_logout_url: text.optional(),
  policy_custom_scopes: texts.optional(),
  policy_custom_attributes: z.array(attribute).max(500).optional(),
  oauth_start_url: text.optional(),
  apex_handler: text.optional(),
  execute_handler_as: text.optional(),
  start_url: text.optional(),
  tls_certificate_field: text.optional(),
  tls_certificate_value: text.optional(),
})

/** An option that is left out is not written, and a deployment then sets Salesforce's default for it. */
const appOptions = z.strictObject({
  /** External Client App Name. */
  label: text.optional(),
  /** Made from the name when absent. */
  api_name: text.optional(),
  contact_email: text.optional(),
  contact_phone: text.optional(),
  info_url: text.optional(),
  logo_url: text.optional(),
  icon_url: text.optional(),
  description: text.optional(),
  distribution: z.enum(['Local', 'Packaged']).optional(),
  /** The environment's own callback URL when absent. */
  callback_urls: texts.optional(),
  /** OAuth names, such as `api` and `refresh_token`. */
  scopes: texts.optional(),
  flows: z
    .strictObject({
      client_credentials: flag.optional(),
      code_and_credentials: flag.optional(),
      device: flag.optional(),
      token_exchange: flag.optional(),
    })
    .optional(),
  pkce: flag.optional(),
  secret_for_web_server_flow: flag.optional(),
  secret_for_refresh_flow: flag.optional(),
  rotation: flag.optional(),
  /** Refresh tokens that are not used for 30 days end. */
  idle_limit: flag.optional(),
  refresh_tokens: z
    .strictObject({
      policy: z.enum(['infinite', 'zero', 'lifetime', 'inactivity']),
      period: z.int().optional(),
      unit: z.enum(['hours', 'days', 'months']).optional(),
    })
    .optional(),
  session_timeout_minutes: z.int().optional(),
  required_session_level: z.enum(['LOW', 'STANDARD', 'HIGH_ASSURANCE']).optional(),
  ip_relaxation: z.enum(['Enforce', 'Bypass', 'Bypass_2factor', 'Enforce_RelaxRefresh']).optional(),
  permitted_users: z.enum(['AllSelfAuthorized', 'AdminApprovedPreAuthorized']).optional(),
  permission_sets: texts.optional(),
  profiles: texts.optional(),
  token_ip_ranges: z.array(ipRange).max(500).optional(),
  extras: extras.optional(),
})

export const salesforceAppOptions = appOptions.meta({ id: 'SalesforceAppOptions' })

const warning = z
  .object({
    /** The option, such as `extras.start_url`. */
    field: z.string(),
    reason: z.string(),
    fix: z.string(),
    confidence: z.enum(['V', 'V-obs', 'M', '?']),
  })
  .meta({ id: 'SalesforceAppWarning' })

export const salesforceAppFiles = defineRoute({
  name: 'salesforceAppFiles',
  method: 'POST',
  path: '/salesforce/apps/files',
  summary: 'Writes an External Client App as a Salesforce project, ready to deploy. Holds no credentials; nothing is stored.',
  access: { key: ['environment:integrations:create'] },
  query: values.nothing,
  body: z.strictObject({
    /** `as-guide` unless given. */
    preset: z.enum(['as-guide', 'hardened', 'partner-mandate']).optional(),
    /** Over those of the preset. */
    options: appOptions,
    /** Of the org that the app is made in; decides where `sf` logs in, and what is allowed there. */
    org_kind: z.enum(orgKinds).optional(),
    api_version: z
      .string()
      .regex(/^\d{2,3}\.0$/, 'An API version such as 66.0')
      .optional(),
    /** For orgs that refuse a deployment which mentions the Authorization Code and Credentials Flow. */
    without_code_and_credentials: flag.optional(),
  }),
  reply: {
    status: 200,
    body: z.object({
      data: z
        .object({
          files: z.array(z.object({ path: z.string(), content: z.string() })),
          /** With the preset's and the defaults filled in. */
          options: salesforceAppOptions,
          warnings: z.array(warning),
          /** What the preset costs, in a sentence. */
          costs: z.string(),
        })
        .meta({ id: 'SalesforceAppFiles' }),
    }),
  },
})
