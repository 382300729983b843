/** Public keys of your backend. What it signs (JWT) calls a connection through the proxy or the gateway, without asking this server for a token first. */
import { z } from 'zod'
import { keyLimits, shownLimits } from './limits.ts'
import { defineRoute } from './route.ts'
import * as values from './values.ts'

export const signingAlgorithms = ['RS256', 'ES256', 'EdDSA'] as const

export const signingKey = z
  .object({
    /** Goes into the `kid` of the tokens that it signs. */
    id: z.string(),
    display_name: z.string(),
    /** Follows from the key; a token that names another one is refused. */
    algorithm: z.enum(signingAlgorithms),
    /** Of the key itself (RFC 7638), to compare it by. */
    thumbprint: z.string(),
    limits: shownLimits.nullable(),
    expires_at: values.timestamp.nullable(),
    /** The API key that registered it, which may be gone; null: the command line. */
    made_by: z.string().nullable(),
    created_at: values.timestamp,
    last_used_at: values.timestamp.nullable(),
  })
  .meta({ id: 'SigningKey' })

export const listSigningKeys = defineRoute({
  name: 'listSigningKeys',
  method: 'GET',
  path: '/environment/signing-keys',
  summary: 'Lists the public keys whose tokens are accepted.',
  access: { key: ['environment:signing_keys:list', 'environment:signing_keys:write'] },
  query: values.nothing,
  reply: { status: 200, body: z.object({ data: z.array(signingKey) }) },
})

export const createSigningKey = defineRoute({
  name: 'createSigningKey',
  method: 'POST',
  path: '/environment/signing-keys',
  summary:
    'Registers a public key: RSA of 2048 bits or more (RS256), P-256 (ES256) or Ed25519 (EdDSA). Its tokens may never do more than the calling key, which needs `environment:proxy` too.',
  access: { key: ['environment:signing_keys:write'] },
  confirmed: true,
  query: values.nothing,
  body: z.strictObject({
    display_name: z.string().min(1).max(255),
    /** PEM (`-----BEGIN PUBLIC KEY-----`) or a JWK. Never a private key. */
    public_key: z.union([z.string().min(1).max(10_000), z.record(z.string().max(100), z.unknown())]),
    limits: keyLimits.optional(),
    expires_at: values.timestamp.optional(),
  }),
  reply: { status: 201, body: z.object({ data: signingKey }) },
  errors: ['conflict', 'forbidden'],
})

export const deleteSigningKey = defineRoute({
  name: 'deleteSigningKey',
  method: 'DELETE',
  path: '/environment/signing-keys/:keyId',
  summary: 'Ends all tokens of a public key at once.',
  access: { key: ['environment:signing_keys:write'] },
  confirmed: true,
  params: z.strictObject({ keyId: z.uuid() }),
  query: values.nothing,
  reply: { status: 200, body: values.success },
  errors: ['not_found'],
})
