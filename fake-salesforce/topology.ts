import type { FakeSalesforceOptions, PortRole } from './fake-salesforce.ts'
import { handleRequest, type Handling } from './handle-request.ts'
import { listen, type Listener } from './listener.ts'
import { PRACTICE_ORG } from './practice/practice-org.ts'
import { lightningHost, setupHost, siteOfHost, siteOfPort } from './site.ts'
import type { Origins, State } from './state.ts'

/** How the fake can be reached: one listener that routes on Host, or one port per role. */
export interface Topology {
  origins: Origins
  /** Opens the listeners. Called once, when the orgs are seeded. */
  open(state: State, control: NonNullable<Handling['control']>, changed: Handling['changed']): Promise<void>
  /** Opens what an org needs that came later. */
  openOrg(key: string): Promise<void>
  url(role: Exclude<PortRole, 'control'>): string
  urls(): Record<string, string>
  controlOrigin(): string
  port(): number | undefined
  close(): Promise<void>
}

export function openTopology(options: FakeSalesforceOptions): Topology {
  return options.ports !== undefined || options.firstPort !== undefined || options.seed === 'practice'
    ? portTopology(options)
    : hostTopology(options)
}

const ROLES = ['login', 'test', 'setup', 'lightning'] as const

/** Setup and Lightning hosts belong to an org, so an empty fake has none. */
function rolesOf(state: State | undefined): string[] {
  const keys = [...(state?.orgs.keys() ?? [])]
  return [...(keys.length === 0 ? ['login', 'test'] : ROLES), ...keys.map((key) => `org:${key}`)]
}

type OpenPort = (portRole: string, port: number) => Promise<Listener>

/** What both topologies share: the listeners and how they end. */
function listeners(options: FakeSalesforceOptions) {
  const host = options.host ?? '127.0.0.1'
  const closing = new AbortController()
  const open = new Map<string, Listener>()
  return {
    open,
    async add(name: string, port: number, handling: Omit<Handling, 'closing'>, bothLoopbacks: boolean): Promise<Listener> {
      const whole = { ...handling, closing: closing.signal }
      const tls = name === 'control' ? undefined : options.tls
      const listener = await listen((request, response) => void handleRequest(whole, request, response), host, port, tls, bothLoopbacks)
      open.set(name, listener)
      return listener
    },
    origin(portRole: string, scheme: string): string {
      return `${scheme}://${host === '127.0.0.1' ? 'localhost' : host}:${open.get(portRole)?.port}`
    },
    async close(): Promise<void> {
      closing.abort()
      await Promise.all([...open.values()].map((listener) => listener.close()))
    },
  }
}

function hostTopology(options: FakeSalesforceOptions): Topology {
  const all = listeners(options)
  let seeded: State | undefined
  const org = (key: string) => {
    const found = seeded?.orgs.get(key)
    if (found === undefined) throw new Error(`no org "${key}"`)
    return found
  }
  const origins: Origins = {
    login: 'https://login.salesforce.com',
    test: 'https://test.salesforce.com',
    org: (key) => `https://${org(key).myDomainHost}`,
  }
  const url = (role: string): string => {
    if (role === 'login' || role === 'test') return origins[role]
    const first = [...(seeded?.orgs.keys() ?? [])][0] ?? ''
    if (role === 'setup') return `https://${setupHost(org(first))}`
    if (role === 'lightning') return `https://${lightningHost(org(first))}`
    return origins.org(role.slice('org:'.length))
  }
  return {
    origins,
    async open(state, control, changed) {
      seeded = state
      const siteOf: Handling['siteOf'] = (request) => siteOfHost(state, request.headers.host ?? '')
      await all.add('hosts', options.port ?? 0, { state, siteOf, control: null, changed }, false)
      await all.add('control', options.controlPort ?? 0, { state, siteOf, control, changed }, false)
    },
    openOrg: async () => undefined,
    url,
    urls: () => Object.fromEntries(rolesOf(seeded).map((role) => [role, url(role)])),
    controlOrigin: () => all.origin('control', 'http'),
    port: () => all.open.get('hosts')?.port,
    close: () => all.close(),
  }
}

function portTopology(options: FakeSalesforceOptions): Topology {
  const all = listeners(options)
  const scheme = options.tls === undefined ? 'http' : 'https'
  const isPractice = options.seed === 'practice'
  const practiceRole: PortRole = `org:${PRACTICE_ORG}`
  let openPort: OpenPort | undefined
  let nextPort = options.firstPort
  const asked = (role: string): number => {
    const named = options.ports?.[role as PortRole]
    if (named !== undefined) return named
    if (role === practiceRole) return options.port ?? 0
    return nextPort === undefined ? 0 : nextPort++
  }
  const url = (role: string): string => {
    const listener = all.open.get(role)
    if (listener === undefined) throw new Error(`no port for "${role}"`)
    return `${scheme}://localhost:${listener.port}`
  }
  return {
    origins: {
      // The practice org is its own login host, as a My Domain host is.
      get login() {
        return url(isPractice ? practiceRole : 'login')
      },
      get test() {
        return url(isPractice ? practiceRole : 'test')
      },
      org: (key) => url(`org:${key}`),
    },
    async open(state, control, changed) {
      openPort = (portRole, port) => {
        const handling = {
          state,
          siteOf: () => siteOfPort(state, portRole),
          control: isPractice || portRole === 'control' ? control : null,
          changed,
        }
        return all.add(portRole, port, handling, true)
      }
      if (!isPractice) await openPort('control', options.controlPort ?? asked('control'))
      for (const role of isPractice ? [] : ROLES) await openPort(role, asked(role))
      for (const key of state.orgs.keys()) await openPort(`org:${key}`, asked(`org:${key}`))
    },
    async openOrg(key) {
      await openPort?.(`org:${key}`, asked(`org:${key}`))
    },
    url,
    urls: () => Object.fromEntries([...all.open.keys()].filter((role) => role !== 'control').map((role) => [role, url(role)])),
    controlOrigin: () => (isPractice ? all.origin(practiceRole, scheme) : all.origin('control', 'http')),
    port: () => (isPractice ? all.open.get(practiceRole)?.port : undefined),
    close: () => all.close(),
  }
}
