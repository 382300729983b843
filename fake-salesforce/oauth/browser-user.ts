import type { Site } from '../site.ts'
import type { App, State, User } from '../state.ts'
import { orgsAt } from './consumers.ts'

/**
 * Who may be logged in at the fake browser, the likeliest first; empty when nobody can log in at this site.
 * A live session in `browser.orgKey` wins unless `prompt=login`, on foreign My Domain hosts too: that makes the cross-org error.
 */
export function browserUser(state: State, site: Site, app: App, asked: URLSearchParams): User[] {
  const typed = state.browser.username ?? asked.get('login_hint')
  const fresh = (asked.get('prompt') ?? '').split(' ').includes('login')
  if (state.browser.orgKey !== null && !fresh) return usersOf(state, [state.browser.orgKey], typed).slice(0, 1)
  const visible = orgsAt(state, site).map((org) => org.key)
  if (state.browser.username !== null || (typed !== null && state.users.has(typed))) {
    const user = state.users.get(typed ?? '')
    return user !== undefined && visible.includes(user.orgKey) ? [user] : []
  }
  // Nobody was named: the people of the app's own org are meant, if they can log in here.
  return usersOf(state, visible.includes(app.orgKey) ? [app.orgKey] : visible.slice(0, 1), null)
}

function usersOf(state: State, orgKeys: string[], first: string | null): User[] {
  const users = [...state.users.values()].filter((user) => orgKeys.includes(user.orgKey))
  return users.toSorted((a, b) => Number(b.username === first) - Number(a.username === first))
}
