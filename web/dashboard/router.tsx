/** Every page of the dashboard and its address. Pages are loaded when they are first opened. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { NotFoundPage } from './shell/not-found-page.tsx'
import { PageError } from './shell/page-error.tsx'
import { Shell } from './shell/shell.tsx'

const root = createRootRoute({ notFoundComponent: NotFoundPage, errorComponent: PageError })

/** Before somebody is signed in. */
const outside = [
  createRoute({
    getParentRoute: () => root,
    path: 'sign-in',
    component: lazyRouteComponent(() => import('./account/sign-in-page.tsx'), 'SignInPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: 'welcome',
    component: lazyRouteComponent(() => import('./account/welcome-page.tsx'), 'WelcomePage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: 'invitation',
    component: lazyRouteComponent(() => import('./account/invitation-page.tsx'), 'InvitationPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: 'set-password',
    component: lazyRouteComponent(() => import('./account/set-password-page.tsx'), 'SetPasswordPage'),
  }),
]

const inside = createRoute({ getParentRoute: () => root, id: 'inside', component: Shell })
const page = <const P extends string>(path: P, load: () => Promise<Record<string, unknown>>, name: string) =>
  createRoute({ getParentRoute: () => inside, path, component: lazyRouteComponent(load as () => Promise<Record<string, never>>, name) })

const pages = [
  createRoute({
    getParentRoute: () => inside,
    path: '/',
    beforeLoad: () => {
      throw redirect({ to: '/overview', replace: true })
    },
  }),
  page('start', () => import('./start/start-page.tsx'), 'StartPage'),
  page('overview', () => import('./overview/overview-page.tsx'), 'OverviewPage'),
  page('integrations', () => import('./integrations/integrations-page.tsx'), 'IntegrationsPage'),
  page('integrations/new', () => import('./integrations/catalogue-page.tsx'), 'CataloguePage'),
  page('integrations/$integration', () => import('./integrations/integration-page.tsx'), 'IntegrationPage'),
  page('connections', () => import('./connections/connections-page.tsx'), 'ConnectionsPage'),
  page('connections/$integration/$connection', () => import('./connections/connection-page.tsx'), 'ConnectionPage'),
  page('logs', () => import('./logs/logs-page.tsx'), 'LogsPage'),
  page('logs/$operation', () => import('./logs/operation-page.tsx'), 'OperationPage'),
  page('issues', () => import('./issues/issues-page.tsx'), 'IssuesPage'),
  page('webhooks', () => import('./webhooks/webhooks-page.tsx'), 'WebhooksPage'),
  page('webhooks/$delivery', () => import('./webhooks/delivery-page.tsx'), 'DeliveryPage'),
  page('settings/environment', () => import('./settings/environment-page.tsx'), 'EnvironmentPage'),
  page('settings/keys', () => import('./settings/keys-page.tsx'), 'KeysPage'),
  page('settings/branding', () => import('./settings/branding-page.tsx'), 'BrandingPage'),
  page('settings/members', () => import('./settings/members-page.tsx'), 'MembersPage'),
  page('settings/audit', () => import('./settings/audit-page.tsx'), 'AuditPage'),
  page('settings/vault', () => import('./settings/vault-page.tsx'), 'VaultPage'),
  page('account', () => import('./account/account-page.tsx'), 'AccountPage'),
]

export const router = createRouter({
  routeTree: root.addChildren([...outside, inside.addChildren(pages)]),
  basepath: new URL(document.baseURI).pathname,
  defaultPreload: 'intent',
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
