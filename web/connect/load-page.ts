/** What the page begins with: the session, its integrations, their catalogue entries, and the customer's own apps. */
import type { ProviderEntry } from './provider-entry.ts'
import type { Integration, OwnApp, Server, Session } from './server.ts'

export interface PageData {
  session: Session
  /** Those that the session may use. */
  allowed: Integration[]
  /** By name. */
  providers: ReadonlyMap<string, ProviderEntry>
  ownApps: ReadonlyMap<string, OwnApp>
}

/** More than these are read by one request for the whole catalogue. */
const SINGLE_REQUESTS = 6

/** `wanted`: the integration whose form comes first. */
export async function loadPage(server: Server, wanted: string | undefined): Promise<PageData> {
  const [session, integrations] = await Promise.all([server.session(), server.integrations()])
  const { allowed_integrations: names } = session
  const allowed = integrations.filter(({ unique_key: key }) => !names || names.includes(key))
  const [providers, ownApps] = await Promise.all([providersOf(server, allowed), ownAppsOf(server, allowed, wanted)])
  return { session, allowed, providers, ownApps }
}

async function providersOf(server: Server, allowed: readonly Integration[]): Promise<Map<string, ProviderEntry>> {
  const names = [...new Set(allowed.map((one) => one.provider))]
  const entries = names.length > SINGLE_REQUESTS ? await server.providers() : await Promise.all(names.map((name) => server.provider(name)))
  return new Map(entries.filter(({ name }) => names.includes(name)).map((entry) => [entry.name, entry]))
}

async function ownAppsOf(server: Server, allowed: readonly Integration[], wanted: string | undefined): Promise<Map<string, OwnApp>> {
  const asked = allowed.filter(isSalesforce).filter((one, at) => at < SINGLE_REQUESTS || one.unique_key === wanted)
  return new Map(await Promise.all(asked.map(async ({ unique_key: key }) => [key, await server.ownApp(key)] as const)))
}

/** Of the catalogue's Salesforce entries, by their names: the entry itself may still be on its way. */
export function isSalesforce({ provider }: Integration): boolean {
  return provider.startsWith('salesforce')
}
