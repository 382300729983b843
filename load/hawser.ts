/**
 * Hawser's proxy for the benchmark: the real doors, egress and vault cryptography over a connection held in memory. Prints its port.
 * `compose()` is not needed for it: a warm call touches nothing that it would add.
 */
import type { AddressInfo } from 'node:net'
import { hash } from 'node:crypto'
import Fastify from 'fastify'
import { pino } from 'pino'
import { fail } from '@hawser/api/errors.ts'
import { authModeNamed } from '#auth-modes/all.ts'
import { createEgress } from '#egress/dispatcher.ts'
import { systemClock } from '#lib/clock.ts'
import { createLru } from '#lib/lru.ts'
import { createProxy } from '#proxy/proxy.ts'
import { liveConnection } from '#proxy/proxy-rig.ts'
import { KEY } from '#proxy/raw-calls.ts'
import { createVault } from '#vault/vault.ts'
import type { OAuth2Credentials } from '#connections/connection.ts'

const port = Number(process.argv[2])
const live = liveConnection(`http://127.0.0.1:${port}`)
const principal = {
  kind: 'key',
  keyId: 'key-1',
  environmentId: 'environment-1',
  environmentName: 'bench',
  scopes: ['environment:*'],
} as const
const keys = createLru<string, typeof principal>({ maxEntries: 1000 })
keys.set(hash('sha256', KEY, 'base64'), principal)

// Two unwrappings and a JSON.parse a call, as for every stored grant.
const vault = createVault({
  keyProvider: { id: 'bench', wrap: async (key) => Buffer.from(key), unwrap: async (key) => Buffer.from(key) },
  loadWrappedKey: async () => null,
  saveWrappedKey: async (_environmentId, wrapped) => wrapped,
})
await vault.ready('environment-1')
const stored = {
  type: 'OAUTH2',
  access_token: `00D!${'x'.repeat(96)}`,
  refresh_token: 'r'.repeat(87),
  raw: { instance_url: 'https://acme.my.salesforce.com', scope: 'api refresh_token' },
}
const row = vault.sealNew('environment-1', 'grant', 'grant-1', JSON.stringify(stored))
const openCredentials = (): OAuth2Credentials =>
  JSON.parse(vault.openSealed('environment-1', row.data_key, row.ciphertext, 'grant', 'grant-1').toString())

const found = createLru<string, typeof live>({ maxEntries: 1000 })
found.set('environment-1\0salesforce\0acme', live)
const uses = new Map<string, number>()

const proxy = createProxy({
  kit: { clock: systemClock, egress: createEgress({ trustedHosts: [{ host: '127.0.0.1', port }] }), log: pino({ level: 'silent' }) },
  authenticate: {
    key: (secret) => {
      const known = keys.get(hash('sha256', secret, 'base64'))
      if (known === undefined) throw fail('unknown_account')
      return known
    },
  },
  connections: {
    find: (environmentId, key, id) => {
      const entry = found.get(`${environmentId}\0${key}\0${id}`)
      if (entry === undefined) throw fail('unknown_connection')
      return entry
    },
    findById: () => live,
    fresh: (entry) => ({ credentials: openCredentials(), version: 1, live: entry }),
    noteUse: (entry) => void (entry.grant!.lastUsedAt = Date.now()),
  },
  authModes: authModeNamed,
  isRefreshable: () => false,
  audit: {
    used: (keyId, _environmentId, connectionId) => {
      const use = `${keyId} ${connectionId}`
      uses.set(use, (uses.get(use) ?? 0) + 1)
    },
  },
  publicUrl: 'http://localhost:3003',
})
const app = Fastify({ keepAliveTimeout: 60_000, requestTimeout: 0 })
proxy.register(app)
await app.listen({ host: '127.0.0.1', port: 0 })
const headers = { authorization: `Bearer ${KEY}`, 'provider-config-key': 'salesforce', 'connection-id': 'acme' }
console.log(JSON.stringify({ port: (app.server.address() as AddressInfo).port, headers, path: '/proxy/services/data' }))
