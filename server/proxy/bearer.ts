/** Bearers of the proxy and the gateway: an API key, or a credential that names its connection itself (a connection token, a JWT). */
import { fail } from '@hawser/api/errors.ts'
import { uuidOfGatewayId } from '#lib/ids.ts'

export type GatewayBearer =
  /** `connectionUuid`: of the connection's row. */
  | { key: string; connectionUuid: string }
  /** A connection token or a JWT; whether it is good is not known yet. */
  | { credential: string }

/** Three parts of base64url, as nothing else has them: keys hold no dot, and one stands before a `gateway_id`. */
const JWT_FORM = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/

/** Whether the bearer names its connection itself. */
export function namesConnection(bearer: string): boolean {
  return bearer.startsWith('hct_') ? !bearer.includes('.') : JWT_FORM.test(bearer)
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const FORM = '`[00D…!]<API key>.<gateway_id of the connection>`'

/**
 * Reads `[00D…!]<API key>.<gateway_id>`: what stands before a `!` is an org id that the sf CLI insists on; keys hold no dot, so the first one ends the key.
 * A connection token or a JWT stands alone.
 * @throws Failure missing_auth_header, malformed_auth_header, invalid_secret_key_format
 */
export function readGatewayBearer(authorization: string | undefined, sfdcSession: string | string[] | undefined): GatewayBearer {
  const text = bearerText(authorization) ?? (typeof sfdcSession === 'string' ? sfdcSession.trim() : undefined)
  if (text === undefined || text === '') throw fail('missing_auth_header', { message: `Use ${FORM} as the access token of your client.` })
  const token = text.slice(text.indexOf('!') + 1)
  if (namesConnection(token)) return { credential: token }
  const dot = token.indexOf('.')
  const key = dot === -1 ? token : token.slice(0, dot)
  // Clients and their logs check tokens against `[.\w]*`; the dashes of a UUID do not pass there.
  if (UUID.test(key))
    throw fail('invalid_secret_key_format', {
      message: 'A UUID key works at /proxy, not at the gateway. Create a key of the form `hws_…` for it.',
    })
  const connectionUuid = dot === -1 ? undefined : uuidOfGatewayId(token.slice(dot + 1).toLowerCase())
  if (key === '' || connectionUuid === undefined) throw fail('malformed_auth_header', { message: `The access token must read ${FORM}.` })
  return { key, connectionUuid }
}

/** `OAuth` is Salesforce's older name of the same scheme. */
function bearerText(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined
  const match = /^(?:Bearer|OAuth) +(.*)$/is.exec(authorization)
  if (match === null)
    throw fail('malformed_auth_header', {
      message: `The Authorization header must read \`Bearer <token>\`, with a token of the form ${FORM}.`,
    })
  return match[1]!.trim()
}

/** `/proxy`: the text after the last `Bearer `, or the bare key. @throws Failure missing_auth_header, malformed_auth_header */
export function readApiKey(authorization: string | undefined): string {
  if (authorization === undefined || authorization === '') throw fail('missing_auth_header')
  const at = authorization.toLowerCase().lastIndexOf('bearer ')
  const key = (at === -1 ? authorization : authorization.slice(at + 7)).trim()
  if (key === '' || key.includes(' ')) throw fail('malformed_auth_header')
  return key
}
