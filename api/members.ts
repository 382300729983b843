/** People and what they may do. For the dashboard: signed in by cookie, never with an API key. */
import { z } from 'zod'
import { defineRoute } from './route.ts'
import { roles } from './roles.ts'
import * as values from './values.ts'

const role = z.enum(roles)
const environmentName = z.string().regex(/^[a-z0-9_-]{1,255}$/, 'Small letters, digits, - and _')

/** `environment` null: all of them, those to come among them. */
const roleIn = z.strictObject({ environment: environmentName.nullable(), role }).meta({ id: 'RoleIn' })
const rolesIn = z
  .array(roleIn)
  .min(1)
  .max(50)
  .refine((list) => new Set(list.map((one) => one.environment)).size === list.length, 'An environment is listed twice')
  .refine((list) => list.every((one) => one.role !== 'owner' || one.environment === null), 'An owner is one for all environments')

const email = z.email().max(254)
const person = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string(),
    roles: z.array(roleIn),
    second_factor: z.boolean(),
    /** How the person can sign in: `password`, `sso`. */
    ways: z.array(z.enum(['password', 'sso'])),
    last_seen_at: values.timestamp.nullable(),
    created_at: values.timestamp,
  })
  .meta({ id: 'Person' })

const personParams = z.strictObject({ personId: z.uuid() })
const link = z.object({ url: z.string(), expires_at: values.timestamp }).meta({ id: 'OneTimeLink' })

export const getMe = defineRoute({
  name: 'getMe',
  method: 'GET',
  path: '/people/me',
  summary: 'Says who is signed in, and what she may do where.',
  access: { person: [] },
  query: values.nothing,
  reply: {
    status: 200,
    body: z.object({
      data: z
        .object({
          id: z.string(),
          email: z.string(),
          name: z.string(),
          second_factor: z.boolean(),
          ways: z.array(z.enum(['password', 'sso'])),
          session_id: z.string(),
          session_ends_at: values.timestamp,
          /** Until then nothing asks for a confirmation. */
          confirmed_until: values.timestamp,
          owner: z.boolean(),
          /** Those that she may see, with her role and what it allows there. The first is used by calls that name none. */
          environments: z.array(z.object({ name: z.string(), role, scopes: z.array(z.string()) })),
        })
        .meta({ id: 'Me' }),
    }),
  },
})

export const updateMe = defineRoute({
  name: 'updateMe',
  method: 'PATCH',
  path: '/people/me',
  summary: 'Changes the name that others see.',
  access: { person: [] },
  query: values.nothing,
  body: z.strictObject({ name: z.string().trim().min(1).max(200) }),
  reply: { status: 200, body: values.success },
})

export const listPeople = defineRoute({
  name: 'listPeople',
  method: 'GET',
  path: '/people',
  summary: 'Lists everybody who may sign in (at most 500).',
  access: { person: ['people:read'] },
  query: values.nothing,
  reply: { status: 200, body: z.object({ data: z.array(person) }) },
})

export const updatePerson = defineRoute({
  name: 'updatePerson',
  method: 'PATCH',
  path: '/people/:personId',
  summary: 'Replaces the roles of a person. Holds for her open sessions within a second.',
  access: { person: ['people:write'] },
  confirmed: true,
  params: personParams,
  query: values.nothing,
  body: z.strictObject({ roles: rolesIn }),
  reply: { status: 200, body: z.object({ data: person }) },
  errors: ['not_found', 'last_owner'],
})

export const deletePerson = defineRoute({
  name: 'deletePerson',
  method: 'DELETE',
  path: '/people/:personId',
  summary: 'Removes a person, and ends all of her sessions.',
  access: { person: ['people:write'] },
  confirmed: true,
  params: personParams,
  query: values.nothing,
  reply: { status: 200, body: values.success },
  errors: ['not_found', 'last_owner'],
})

export const createPasswordLink = defineRoute({
  name: 'createPasswordLink',
  method: 'POST',
  path: '/people/:personId/password-link',
  summary: 'Makes a link (24 hours, once) with which a person sets a new password; her second factor is switched off by it.',
  access: { person: ['people:write'] },
  confirmed: true,
  params: personParams,
  query: values.nothing,
  reply: { status: 200, body: z.object({ data: link }) },
  errors: ['not_found'],
})

const invitation = z
  .object({
    id: z.string(),
    email: z.string(),
    roles: z.array(roleIn),
    invited_by: z.string().nullable(),
    expires_at: values.timestamp,
    created_at: values.timestamp,
  })
  .meta({ id: 'Invitation' })

export const listInvitations = defineRoute({
  name: 'listInvitations',
  method: 'GET',
  path: '/people/invitations',
  summary: 'Lists invitations that were not accepted yet, without their links.',
  access: { person: ['people:read'] },
  query: values.nothing,
  reply: { status: 200, body: z.object({ data: z.array(invitation) }) },
})

export const createInvitation = defineRoute({
  name: 'createInvitation',
  method: 'POST',
  path: '/people/invitations',
  summary: 'Invites somebody. The link (7 days, once) is shown this once, to be handed over; no mail is sent.',
  access: { person: ['people:write'] },
  confirmed: true,
  query: values.nothing,
  body: z.strictObject({ email, roles: rolesIn }),
  reply: { status: 200, body: z.object({ data: invitation.extend({ url: z.string() }).meta({ id: 'CreatedInvitation' }) }) },
  errors: ['conflict'],
})

export const deleteInvitation = defineRoute({
  name: 'deleteInvitation',
  method: 'DELETE',
  path: '/people/invitations/:invitationId',
  summary: 'Ends an invitation.',
  access: { person: ['people:write'] },
  params: z.strictObject({ invitationId: z.uuid() }),
  query: values.nothing,
  reply: { status: 200, body: values.success },
  errors: ['not_found'],
})

const session = z
  .object({
    id: z.string(),
    /** The one that asks. */
    current: z.boolean(),
    way: z.string(),
    address: z.string().nullable(),
    user_agent: z.string().nullable(),
    created_at: values.timestamp,
    expires_at: values.timestamp,
  })
  .meta({ id: 'PersonSession' })

export const listSessions = defineRoute({
  name: 'listSessions',
  method: 'GET',
  path: '/people/me/sessions',
  summary: 'Lists where she is signed in.',
  access: { person: [] },
  query: values.nothing,
  reply: { status: 200, body: z.object({ data: z.array(session) }) },
})

export const deleteSession = defineRoute({
  name: 'deleteSession',
  method: 'DELETE',
  path: '/people/me/sessions/:sessionId',
  summary: 'Ends one of her sessions.',
  access: { person: [] },
  params: z.strictObject({ sessionId: z.uuid() }),
  query: values.nothing,
  reply: { status: 200, body: values.success },
  errors: ['not_found'],
})

export const deleteSessions = defineRoute({
  name: 'deleteSessions',
  method: 'DELETE',
  path: '/people/me/sessions',
  summary: 'Signs out everywhere, here too.',
  access: { person: [] },
  query: values.nothing,
  reply: { status: 200, body: values.success },
})

export const listEnvironments = defineRoute({
  name: 'listEnvironments',
  method: 'GET',
  path: '/environments',
  summary: 'Lists the environments that she may see.',
  access: { person: [] },
  query: values.nothing,
  reply: { status: 200, body: z.object({ data: z.array(z.object({ name: z.string(), role })) }) },
})

export const createEnvironment = defineRoute({
  name: 'createEnvironment',
  method: 'POST',
  path: '/environments',
  summary: 'Makes an environment. It has no API key yet.',
  access: { person: ['environments:create'] },
  confirmed: true,
  query: values.nothing,
  body: z.strictObject({ name: environmentName.max(64) }),
  reply: { status: 200, body: z.object({ data: z.object({ name: z.string() }) }) },
  errors: ['conflict'],
})
