/** Puts everything together: which slice gets what. The only place that knows all of them. */
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { fail } from '@hawser/api/errors.ts'
import { peopleRoutes, routes } from '@hawser/api/routes.ts'
import { createActivitySlice } from '#activity/compose-activity.ts'
import { createAccounts } from '#accounts/compose-accounts.ts'
import { openAuditKey } from '#audit/audit-key.ts'
import { createAudit, type Audit } from '#audit/record-disclosure.ts'
import type { Config } from '#config.ts'
import { createDoctor } from '#doctor/compose-doctor.ts'
import { createConnect } from '#connect/compose-connect.ts'
import { findSessionPrincipal } from '#connect/store.ts'
import { createConnections } from '#connections/compose-connections.ts'
import type { EgressOptions } from '#egress/dispatcher.ts'
import { createEvents } from '#events/compose-events.ts'
import { createAuthenticator } from '#http/authenticate.ts'
import { clientAddressBehind } from '#http/client-address.ts'
import { createForwardedUnheard } from '#http/forwarded-unheard.ts'
import { createServer } from '#http/create-server.ts'
import { createFreeze, type Freeze } from '#freeze/compose-freeze.ts'
import { createBudgets } from '#http/budgets.ts'
import { registerLogos } from '#http/logos.ts'
import { mount } from '#http/mount.ts'
import { registerStartPage } from '#http/start-page.ts'
import { registerWebApp } from '#http/web-files.ts'
import { createIntegrations } from '#integrations/compose-integrations.ts'
import type { Clock } from '#lib/clock.ts'
import { registerGuides } from '#guides/register-guides.ts'
import { createApiUsageGauge } from '#orgs/api-usage.ts'
import { refreshOrgFactsJob } from '#orgs/refresh-org-facts.ts'
import { createPeople } from '#people/compose-people.ts'
import { createProxy } from '#proxy/proxy.ts'
import { CRON } from '#queue/cron.ts'
import type { JobHandlers } from '#queue/queue.ts'
import { startWorker, type RunningWorker } from '#queue/start-worker.ts'
import { createSpool } from '#vault/spool.ts'
import { deliveryRecorded, recordedAudit } from './activity-hooks.ts'
import { cleanUpJob } from './clean-up-job.ts'
import { connectDeps } from './connect-hooks.ts'
import { connectionHooks } from './connection-hooks.ts'
import { allHandlers } from './handlers.ts'
import type { Kit } from './kit.ts'
import { apiServer, gatewayServer, listenOn, type Listening } from './listen.ts'
import { makeKit } from './make-kit.ts'
import type { Store } from './open-store.ts'
import { orgCheckDeps } from './org-hooks.ts'
import { proxyDeps } from './proxy-hooks.ts'

export interface ComposeOptions {
  config: Config
  store: Store
  log: Logger
  clock?: Clock
  /** Tests: maps real-looking hosts to this machine. */
  connector?: EgressOptions['connector']
  /** Catalogue entries of this run alone (the practice org's). */
  inMemoryProviders?: Record<string, unknown>
  /** Private hosts besides the configuration's (the practice org's). */
  trustedHosts?: { host: string; port: number }[]
  /** Holds every answer against the contract; tests switch it on. */
  checkReplies?: boolean
}

export interface ComposedServer {
  app: FastifyInstance
  kit: Kit
  /** Writes what is kept in memory for a moment (uses, last uses) now. */
  flush(): Promise<void>
  /** Why the vault is frozen, and what to do; empty while all is well. */
  frozen(): string[]
  /** The link with which the first owner signs in; undefined once there is one. */
  firstOwnerLink(): Promise<string | undefined>
  listen(): Promise<void>
  /** Stops taking requests, lets those under way finish (`config.drainMs`), gives jobs back. The store stays open. */
  close(): Promise<void>
}

export async function compose(options: ComposeOptions): Promise<ComposedServer> {
  const { config, store, log } = options
  const kit = await makeKit(options)
  const db = kit.db.kysely
  const state = { stopping: false }

  const journal = { folder: join(config.dataDir, 'audit'), maxBytes: config.auditJournal }
  const auditKey = await openAuditKey(db, store.key.provider)
  const activity = createActivitySlice(kit)
  const audit = recordedAudit(createAudit(kit, { key: auditKey, journal }), activity, kit.clock)
  const events = createEvents(
    kit,
    { url: config.alertUrl, publicUrl: config.publicUrl },
    {
      note: deliveryRecorded(activity),
      recordChange: audit.changed,
    },
  )
  const accounts = createAccounts(kit, audit.changed)
  const people = createPeople(kit, {
    key: store.key.derive('people'),
    recordChange: audit.changed,
    async makeEnvironment(name) {
      if (!(await store.makeEnvironment(name))) throw fail('conflict', { message: 'There is an environment of that name already.' })
    },
  })
  const budgets = createBudgets(kit.clock, config)
  const allowingAll = createAuthenticator({
    clock: kit.clock,
    bus: kit.bus,
    maxStaleMs: config.maxStaleMs,
    findKey: accounts.findKey,
    findSession: (tokenHash) => findSessionPrincipal(db, tokenHash),
    noteUse: accounts.noteKeyUse,
    people: people.options,
  })
  const authenticator = budgets.counted(allowingAll)
  const usage = createApiUsageGauge(kit.clock)
  const spool = createSpool(join(config.dataDir, 'spool'), store.key.derive('spool'))
  const freeze: Freeze = createFreeze(kit, { recordChange: audit.changed, reapplySpool: () => connections.reapplySpool() })
  const hooks = { ...connectionHooks(kit, { audit, events, spool, usage }), guard: freeze.vault, stopped: freeze.stopped, activity }
  const connections = createConnections(kit, hooks)
  const integrations = createIntegrations(kit, { audit, releaseGrants: connections.releaseGrants, callbackUrlOf: accounts.callbackUrlOf })
  const noteForwarded = createForwardedUnheard(config.trustedProxies, log)
  const addressOf = clientAddressBehind(config.trustedProxies, noteForwarded)
  const connect = createConnect(
    connectDeps(kit, { authenticator, accounts, connections, integrations, freeze, audit, usage, events, activity, addressOf }),
  )
  const doctor = createDoctor({
    kit,
    findIntegration: integrations.find,
    clientOf: (integration) => integrations.clientOf(integration.id),
    callbackUrlOf: accounts.callbackUrlOf,
  })
  const proxy = createProxy(proxyDeps(kit, { authenticator, budgets, accounts, connections, freeze, audit, usage, activity, addressOf }))

  const handlers = allHandlers({
    kit,
    accounts,
    people,
    connections,
    freeze,
    integrations,
    connect,
    doctor,
    spool,
    state,
    activity,
    events,
    usage,
    store,
  })
  const app = createServer({ log: log as never, trustedProxies: [...config.trustedProxies], bodyLimit: config.bodyLimit })
  app.addHook('onRequest', async (request) => noteForwarded(request.raw))
  budgets.guardBrowsers(app)
  mount(app, {
    routes: [...routes, ...peopleRoutes],
    handlers,
    authenticator,
    origin: config.publicUrl,
    checkReplies: options.checkReplies === true,
  })
  connect.register(app)
  people.register(app)
  proxy.register(app)
  registerPages(app, kit)
  connect.attachSockets(app.server)

  const jobs = freeze.jobs({
    ...events.jobs,
    ...connections.jobs,
    'refresh-org-facts': refreshOrgFactsJob(orgCheckDeps(kit, { usage, issueEvents: events, connections, audit })),
    'clean-up': cleanUpJob({ kit, events, accounts, people, activity, spool, audit, auditKey, auditKeepMs: config.auditKeepMs }),
  })
  return {
    app,
    kit,
    frozen: freeze.words,
    firstOwnerLink: people.firstOwnerLink,
    ...running({ config, store, log, app, proxy, connections, connect, accounts, activity, audit, kit, jobs, freeze, state }),
  }
}

/** What people open in a browser, but the pages of a sign-in. */
function registerPages(app: FastifyInstance, { config, catalogue }: Pick<Kit, 'config' | 'catalogue'>): void {
  const { publicUrl } = config
  registerWebApp(app, { name: 'connect', path: '/connect-ui/', embeddable: true, publicUrl })
  registerWebApp(app, { name: 'dashboard', path: '/dashboard/', embeddable: false, publicUrl })
  registerStartPage(app, publicUrl)
  registerGuides(app, { serverUrl: publicUrl, callbackUrl: `${publicUrl}/oauth/callback` })
  registerLogos(app, (name) => catalogue.get(name)?.display_name)
}

interface Parts {
  config: Config
  store: Store
  log: Logger
  app: FastifyInstance
  proxy: ReturnType<typeof createProxy>
  connections: ReturnType<typeof createConnections>
  connect: ReturnType<typeof createConnect>
  accounts: ReturnType<typeof createAccounts>
  activity: ReturnType<typeof createActivitySlice>
  audit: Audit
  kit: Kit
  jobs: JobHandlers
  freeze: Freeze
  state: { stopping: boolean }
}

/** For what is left once requests are over: writing what was counted, closing connections. */
const CLOSE_GRACE_MS = 500

function running(parts: Parts): Pick<ComposedServer, 'flush' | 'listen' | 'close'> {
  const { config, store, log, app, kit, jobs, freeze, state, audit, accounts, connections, activity } = parts
  const listening: Listening[] = []
  let worker: RunningWorker | undefined
  /** Of a worker that a frozen vault has ended. */
  let stopped: Promise<void> | undefined
  // A frozen vault's jobs stay in the queue, for a node that may run them.
  const workOnlyWhileLive = () => {
    const live = freeze.vault.state().kind === 'live' && !state.stopping
    if (live) worker ??= startWorker({ url: store.url, handlers: jobs, cron: CRON, log, drainMs: config.drainMs })
    else if (freeze.vault.state().kind === 'frozen') {
      stopped = worker?.stop() ?? stopped
      worker = undefined
    }
  }

  return {
    async flush() {
      await Promise.all([audit.flush(), accounts.flush(), connections.flush(), activity.flush()])
    },
    async listen() {
      await app.ready()
      if (config.roles.worker) freeze.vault.onChange(workOnlyWhileLive)
      // Tokens on disk are put back before anybody can ask for a refresh.
      await Promise.all([freeze.start(), activity.start()])
      if (config.roles.api) {
        const gateway = parts.proxy.gateway()
        const onMainPort = { host: config.gatewayHost, handle: gateway.handle, owesContinue: parts.proxy.owesContinue }
        listening.push(await listenOn(config.hosts, config.port, 'the server', () => apiServer(app, onMainPort)))
        listening.push(await listenOn(config.hosts, config.gatewayPort, 'the gateway', () => gatewayServer(gateway)))
      }
    },
    async close() {
      state.stopping = true
      parts.connect.close()
      await Promise.all([...listening.map((one) => one.close(config.drainMs)), worker?.stop(), stopped])
      await app.close()
      await freeze.close()
      await connections.close()
      await accounts.close()
      await audit.close()
      await activity.close()
      await kit.bus.close()
      await kit.egress.close(CLOSE_GRACE_MS)
    },
  }
}
