/**
 * Salesforce record ids: 15 case-sensitive characters, or the same followed by 3 that encode which of them are capitals.
 * Tooling's `SandboxProcess.SandboxOrganization` has 15, token responses have 18.
 */

const CHECK_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'

/** True for 15 alphanumerics, or 18 of them whose last three are the right check characters. */
export function isSalesforceId(id: string): boolean {
  if (/^[A-Za-z0-9]{15}$/.test(id)) return true
  return /^[A-Za-z0-9]{18}$/.test(id) && id.slice(15) === checkCharacters(id)
}

/** The 18-character form of a 15- or 18-character id; `undefined` when it is neither. An 18-character id must have the right check characters. */
export function to18(id: string): string | undefined {
  if (!isSalesforceId(id)) return undefined
  return id.slice(0, 15) + checkCharacters(id)
}

/** True when both are org ids (`00D…`) and agree in their first 15 characters, case included. */
export function sameOrg(a: string, b: string): boolean {
  return isOrgId(a) && isOrgId(b) && a.slice(0, 15) === b.slice(0, 15)
}

/** The org id before the `!` of an opaque access token; `undefined` for tokens in JWT form, which do not begin with it. */
export function orgIdFromAccessToken(token: string): string | undefined {
  return /^(00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?)!/.exec(token)?.[1]
}

/**
 * Org and user id in the path of an identity URL (`https://<any host>/id/00D…/005…`; `http` for a practice org). The host proves nothing: it may be login, test or a
 * My Domain host for the same org, so it is not looked at, and the URL must not be called because of this answer.
 */
export function idsFromIdentityUrl(url: string): { orgId: string; userId: string } | undefined {
  const match = /^https?:\/\/[a-z0-9.-]{1,253}(?::\d{1,5})?\/id\/(00D\w{12,15})\/(005\w{12,15})(?:$|[?#])/i.exec(url)
  const [, orgId, userId] = match ?? []
  if (orgId === undefined || userId === undefined || !isOrgId(orgId) || !hasIdShape(userId)) return undefined
  return { orgId, userId }
}

function isOrgId(id: string): boolean {
  return hasIdShape(id) && id.startsWith('00D')
}

function hasIdShape(id: string): boolean {
  return /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/.test(id)
}

function checkCharacters(id: string): string {
  let suffix = ''
  for (let chunk = 0; chunk < 15; chunk += 5) {
    let bits = 0
    for (let i = 0; i < 5; i++) {
      const character = id.charAt(chunk + i)
      if (character >= 'A' && character <= 'Z') bits |= 1 << i
    }
    suffix += CHECK_CHARACTERS.charAt(bits)
  }
  return suffix
}
