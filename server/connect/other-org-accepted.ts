import type { StoredSession } from './session.ts'

/** Lies among the overrides, which are kept by integration key; no key can contain a `$`. */
const MARK = '$'
const NAME = `${MARK}accept_other_org`

/** To be merged into a session's overrides. */
export function otherOrgAccepted(accepted: boolean | undefined): Record<string, unknown> {
  return accepted === true ? { [NAME]: true } : {}
}

/** Whether a reconnect may lead the connection to another org. */
export function acceptsOtherOrg(session: StoredSession): boolean {
  return session.overrides[NAME] === true
}

/** The overrides as the customer's browser may see them: without what else lies among them. */
export function shownOverrides({ overrides }: StoredSession): Record<string, unknown> {
  return Object.fromEntries(Object.entries(overrides).filter(([name]) => !name.startsWith(MARK)))
}
