import type { App, User } from '../state.ts'

/** Whether the app lets this user in: all may authorize themselves, or an admin named their profile or one of their permission sets. */
export function isAdmitted(app: App, user: User): boolean {
  const { permittedUsers, preauthorized, permissionSets, profiles } = app.policy
  if (permittedUsers === 'AllSelfAuthorized') return true
  if (preauthorized.includes(user.username) || profiles.includes(user.profile)) return true
  return user.permissionSets.some((name) => permissionSets.includes(name))
}

/** Blocked on Setup's OAuth usage page, or switched off in the app's policies (that the second answers like the first is a guess). */
export function isBlocked(app: App): boolean {
  return app.blocked || !app.enabled || !app.oauthEnabled
}
