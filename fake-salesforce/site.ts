import type { Org, State } from './state.ts'

export type Role = 'login' | 'test' | 'org' | 'setup' | 'lightning' | 'unrouted'

/** What a host name (or a port) stands for. */
export interface Site {
  role: Role
  /** The org of `org`, `setup` and `lightning`; with `unrouted`, the org that has another host now. */
  org: Org | null
  /** Base URL without a trailing slash. */
  origin: string
}

export function lightningHost(org: Org): string {
  return org.myDomainHost.replace(/\.my\.salesforce\.com$/, '.lightning.force.com')
}

export function setupHost(org: Org): string {
  return org.myDomainHost.replace(/\.my\.salesforce\.com$/, '.my.salesforce-setup.com')
}

/** The site of a Host header; `unrouted` when no org has that name. */
export function siteOfHost(state: State, hostHeader: string): Site {
  const host = hostHeader.toLowerCase().replace(/:\d+$/, '')
  if (host === 'login.salesforce.com') return { role: 'login', org: null, origin: state.origins.login }
  if (host === 'test.salesforce.com') return { role: 'test', org: null, origin: state.origins.test }
  for (const org of state.orgs.values()) {
    const known = org.formerHosts.includes(host)
    if (known) return { role: 'unrouted', org: org.formerHostsRedirect ? org : null, origin: state.origins.org(org.key) }
    if (org.myDomainHost === host) return { role: 'org', org, origin: state.origins.org(org.key) }
    if (lightningHost(org) === host) return { role: 'lightning', org, origin: `https://${host}` }
    if (setupHost(org) === host) return { role: 'setup', org, origin: `https://${host}` }
  }
  return { role: 'unrouted', org: null, origin: `https://${host}` }
}

/** The site of a port: `login`, `test`, `setup`, `lightning` or `org:<key>`. */
export function siteOfPort(state: State, portRole: string): Site {
  if (portRole === 'login' || portRole === 'test') return { role: portRole, org: null, origin: state.origins[portRole] }
  if (portRole === 'setup' || portRole === 'lightning') return { role: portRole, org: [...state.orgs.values()][0] ?? null, origin: '' }
  const key = portRole.replace(/^org:/, '')
  const org = state.orgs.get(key)
  return org === undefined ? { role: 'unrouted', org: null, origin: '' } : { role: 'org', org, origin: state.origins.org(key) }
}
