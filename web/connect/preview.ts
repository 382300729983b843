/** What the dashboard shows while somebody chooses colours and logo. Nothing is asked of the server, and nothing can be connected. */
import type { Known } from './screen.ts'
import type { ProviderEntry } from './provider-entry.ts'
import type { Integration, Server } from './server.ts'

const NAMES = { salesforce: 'Salesforce', 'salesforce-sandbox': 'Salesforce Sandbox' }

const integrations: Integration[] = Object.entries(NAMES).map(([provider, name]) => ({
  ...{ unique_key: provider, provider, display_name: name, logo: `/images/template-logos/${provider}.svg` },
  ...{ forward_webhooks: false, created_at: '', updated_at: '', base_url_override_hosts: [] },
  ...{ install_url: null, wrong_org_kind: 'refuse' as const, app_migration: null },
}))

const hostname = {
  title: 'My Domain',
  description: 'You find it in the address bar after logging in, for example acme.my.salesforce.com.',
  example: 'acme.my.salesforce.com',
  optional: true,
}

const entries = Object.entries(NAMES).map(([name, display_name]): [string, ProviderEntry] => [
  name,
  {
    name,
    display_name,
    auth_mode: 'OAUTH2',
    categories: ['crm'],
    docs: '',
    logo_url: '',
    family: 'salesforce',
    connection_config: { hostname },
  },
])

const nothing = () => Promise.reject(new Error('a preview connects nothing'))
const server = new Proxy({} as Server, { get: () => nothing })

export const preview: Known = {
  token: 'preview',
  server,
  windows: { open: () => Promise.resolve('stopped') },
  allowed: integrations,
  providers: new Map(entries),
  ownApps: new Map(),
  session: {
    endUser: null,
    connectUISettings: {
      showWatermark: false,
      defaultTheme: 'system',
      theme: { light: { primary: '#1d4f91' }, dark: { primary: '#8fbdf5' } },
      logo: null,
    },
    expires_at: '',
    result: null,
  },
}

/** With the look that the dashboard sent; only it is listened to (`parent-page.ts`). */
export function withSettings(known: Known, settings: unknown): Known {
  const given = (typeof settings === 'object' && settings !== null ? settings : {}) as Partial<Known['session']['connectUISettings']>
  const logo = typeof given.logo === 'string' && given.logo.startsWith('data:image/') ? given.logo : null
  return { ...known, session: { ...known.session, connectUISettings: { ...known.session.connectUISettings, ...given, logo } } }
}
