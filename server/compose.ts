/** Puts everything together: which slice gets what. The only place that knows all of them. */
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import openapi from '@hawser/api/openapi.json' with { type: 'json' }
import { routes } from '@hawser/api/routes.ts'
import { sql } from 'kysely'
import { createApiKeyHandler } from '#accounts/create-api-key.ts'
import { deleteApiKeyHandler } from '#accounts/delete-api-key.ts'
import { getEnvironmentHandler, updateEnvironmentHandler } from '#accounts/environment-settings.ts'
import { createKeyUse } from '#accounts/key-use.ts'
import { listApiKeysHandler } from '#accounts/list-api-keys.ts'
import { findKeyByHash } from '#accounts/store.ts'
import { createAudit } from '#audit/record-disclosure.ts'
import { createPostgresBus } from '#bus/postgres-bus.ts'
import type { Config } from '#config.ts'
import { createEgress, type EgressOptions } from '#egress/dispatcher.ts'
import { createEvents } from '#events/compose-events.ts'
import { createAuthenticator } from '#http/authenticate.ts'
import { createServer } from '#http/create-server.ts'
import { healthHandler, openapiHandler, readyHandler } from '#http/health.ts'
import { registerLogos } from '#http/logos.ts'
import { mount } from '#http/mount.ts'
import { systemClock, type Clock } from '#lib/clock.ts'
import { getProvider } from '#providers/get-provider.ts'
import { listProviders } from '#providers/list-providers.ts'
import { loadCatalogue } from '#providers/catalogue.ts'
import { CRON } from '#queue/cron.ts'
import { createQueue } from '#queue/graphile-queue.ts'
import { startWorker } from '#queue/start-worker.ts'
import type { Kit } from './kit.ts'
import type { Store } from './open-store.ts'
import { connectionHooks } from './connection-hooks.ts'

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
  providerProblems: string[]
  listen(): Promise<void>
  /** Stops taking requests, lets those under way finish (`config.drainMs`), gives jobs back. The store stays open. */
  close(): Promise<void>
}
