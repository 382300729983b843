import type { State, User, UserPermissions } from '../state.ts'
import { orgByKey } from './add-org.ts'

export type UserSpec = { orgKey: string; username: string } & Partial<Omit<User, 'orgKey' | 'username' | 'permissions'>> & {
    permissions?: Partial<UserPermissions>
  }

/** An administrator's: the fake's users have no other profile unless a test says so. */
const ALL_PERMISSIONS: UserPermissions = {
  externalClientAppDeveloper: true,
  externalClientAppAdmin: true,
  externalClientAppViewer: true,
  viewClientSecret: true,
  modifyMetadata: true,
  customizeApplication: true,
  manageUsers: true,
  viewSetup: true,
}

/** Registers a user. Usernames are unique across all orgs, as at Salesforce. */
export function addUser(state: State, spec: UserSpec): User {
  orgByKey(state, spec.orgKey)
  if (state.users.has(spec.username)) throw new Error(`user "${spec.username}" exists`)
  const { permissions, ...given } = spec
  const local = spec.username.split('@')[0] ?? 'user'
  const user: User = {
    id: state.ids.next('005'),
    email: spec.username,
    firstName: local.charAt(0).toUpperCase() + local.slice(1),
    lastName: 'Example',
    active: true,
    profile: 'System Administrator',
    apiEnabled: true,
    loginIpRanges: [],
    approveUninstalled: false,
    permissionSets: [],
    ...given,
    permissions: { ...ALL_PERMISSIONS, ...permissions },
  }
  state.users.set(user.username, user)
  return user
}

export function userByName(state: State, username: string): User {
  const user = state.users.get(username)
  if (user === undefined) throw new Error(`no user "${username}"`)
  return user
}
