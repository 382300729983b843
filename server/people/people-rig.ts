/** The slice on a real database, behind the real front door, with browsers that keep cookies. For tests. */
import { createHmac, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { createTestDatabase } from '@hawser/testkit/test-database.ts'
import { peopleRoutes, routes } from '@hawser/api/routes.ts'
import type { Role } from '@hawser/api/roles.ts'
import { createPostgresBus } from '#bus/postgres-bus.ts'
import { readConfig } from '#config.ts'
import { createEgress } from '#egress/dispatcher.ts'
import { createAuthenticator } from '#http/authenticate.ts'
import { createServer } from '#http/create-server.ts'
import { handler, type Handler } from '#http/handler.ts'
import { mount } from '#http/mount.ts'
import { createLogger } from '#telemetry/log.ts'
import type { Kit } from '../kit.ts'
import { openStore, type Store } from '../open-store.ts'
import { createPeople, type People } from './compose-people.ts'
import type { RecordChange } from './person-trail.ts'

export const ORIGIN = 'http://localhost:3003'
export const PASSWORD = 'violet kettle orbit'

export interface Answer {
  status: number
  code: string | undefined
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read what they expect
  body: any
  headers: Record<string, unknown>
}

export interface Browser {
  cookies: Map<string, string>
  send(method: string, path: string, body?: unknown, headers?: Record<string, string | undefined>): Promise<Answer>
  get(path: string, headers?: Record<string, string | undefined>): Promise<Answer>
  post(path: string, body?: unknown, headers?: Record<string, string | undefined>): Promise<Answer>
}

export interface Node {
  app: FastifyInstance
  people: People
  browser(address?: string): Browser
}

export interface Rig extends Node {
  store: Store
  entries: Parameters<RecordChange>[0][]
  logged(): string
  clock: { now(): number; advance(ms: number): void }
  /** A further node on the same database. */
  anotherNode(): Promise<Node>
  owner(): Promise<Browser>
  /** Somebody whom an owner has invited, signed in. */
  joined(email: string, roles: { environment: string | null; role: Role }[]): Promise<Browser>
  close(): Promise<void>
}

export async function startPeopleRig(env: Record<string, string> = {}): Promise<Rig> {
  const [database, dataDir] = await Promise.all([createTestDatabase(), mkdtemp(join(tmpdir(), 'hawser-people-'))])
  const encryptionKey = randomBytes(32).toString('base64')
  const read = readConfig({
    env: { DATABASE_URL: database.url, HAWSER_ENCRYPTION_KEY: encryptionKey, HAWSER_DATA_DIR: dataDir, HAWSER_PUBLIC_URL: ORIGIN, ...env },
    dev: true,
    cwd: tmpdir(),
  })
  if (!read.ok) throw new Error(read.problems.join('\n'))
  const { config } = read
  let offset = 0
  const clock = { now: () => Date.now() + offset }
  const lines: string[] = []
  const entries: Parameters<RecordChange>[0][] = []
  const closing: (() => Promise<void>)[] = []
  const node = async () => {
    const store = await openStore(config, { clockOffsetMs: offset })
    const log = createLogger({ level: 'debug', pretty: false, write: (line) => void lines.push(line) })
    const bus = await createPostgresBus({ url: store.url, db: store.db, log })
    const egress = createEgress({ trustedHosts: [...config.trustedHosts], connector: undefined, httpsProxy: undefined, noProxy: undefined })
    const kit = { config, clock, log, db: store.db, vault: store.vault, egress, bus } as unknown as Kit
    const people = createPeople(kit, {
      key: store.key.derive('people'),
      recordChange: async (entry) => void entries.push(entry),
      makeEnvironment: async (name) => void (await store.makeEnvironment(name)),
    })
    const app = createServer({ log: log as never, trustedProxies: ['127.0.0.1'], bodyLimit: 100_000 })
    const authenticator = createAuthenticator({
      ...{ clock, bus, maxStaleMs: 1000, noteUse: () => {}, findSession: async () => undefined, people: people.options },
      findKey: async () => ({ kind: 'key', keyId: 'k', environmentId: 'e', environmentName: 'dev', scopes: ['environment:*'] }),
    })
    mount(app, {
      routes: [...routes, ...peopleRoutes],
      handlers: [...people.handlers, ...routes.map(echo)],
      ...{ authenticator, origin: ORIGIN, checkReplies: false },
    })
    people.register(app)
    await app.ready()
    closing.push(async () => {
      await app.close()
      await bus.close()
      await egress.close(100)
      await store.close()
    })
    return { app, people, store, browser: (address = '203.0.113.7') => browserOf(app, address) }
  }
  const first = await node()
  let owner: Browser | undefined
  const rig: Rig = {
    ...first,
    entries,
    logged: () => lines.join(''),
    clock: {
      now: clock.now,
      advance(ms) {
        offset += ms
        first.store.db.setClockOffset(offset)
      },
    },
    anotherNode: node,
    async owner() {
      if (owner) return owner
      const token = tokenOf((await first.people.firstOwnerLink())!)
      owner = first.browser()
      const answer = await owner.post('/accounts/welcome', { token, email: 'owner@example.com', name: 'Olga Owner', password: PASSWORD })
      if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
      return owner
    },
    async joined(email, roles) {
      const by = await rig.owner()
      await by.post('/accounts/confirm', { password: PASSWORD })
      const invited = await by.post('/people/invitations', { email, roles })
      if (invited.status !== 200) throw new Error(JSON.stringify(invited.body))
      const browser = first.browser()
      const token = tokenOf(invited.body.data.url)
      const answer = await browser.post('/accounts/accept-invitation', { token, name: email.split('@')[0], password: PASSWORD })
      if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
      return browser
    },
    async close() {
      for (const close of closing.reverse()) await close()
      await database.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
  return rig
}

/** In place of the other slices: says who was let in. */
function echo(route: (typeof routes)[number]): Handler {
  return handler(route, (async ({ principal }: { principal: unknown }) => ({ principal })) as never)
}

function browserOf(app: FastifyInstance, address: string): Browser {
  const cookies = new Map<string, string>()
  const send: Browser['send'] = async (method, path, body, headers = {}) => {
    const own: Record<string, string | undefined> = {
      'sec-fetch-site': 'same-origin',
      ...(method === 'GET' ? {} : { origin: ORIGIN }),
      'hawser-environment': '',
      'user-agent': 'A browser',
      'x-forwarded-for': address,
      ...(cookies.size > 0 ? { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    }
    const sent = Object.fromEntries(Object.entries(own).filter((one): one is [string, string] => one[1] !== undefined))
    const response = await app.inject({
      ...{ method: method as 'GET', url: path, headers: sent },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    })
    for (const line of [response.headers['set-cookie'] ?? []].flat()) {
      const [name = '', value = ''] = line
        .split(';')[0]!
        .split('=', 1)
        .concat(line.split(';')[0]!.slice(line.indexOf('=') + 1))
      if (value === '' || /max-age=0/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    const parsed: Answer['body'] = response.body.startsWith('{') ? response.json() : response.body
    return { status: response.statusCode, code: parsed?.error?.code, body: parsed, headers: response.headers }
  }
  return {
    cookies,
    send,
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body = undefined, headers = {}) => send('POST', path, body, headers),
  }
}

export function tokenOf(url: string): string {
  return url.slice(url.indexOf('#') + 1)
}

/** RFC 6238, of a secret in base32. */
export function codeOf(secret: string, at = Date.now()): string {
  const bits = [...secret.replace(/=+$/, '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const mac = createHmac('sha1', key).update(counter).digest()
  return String((mac.readUInt32BE(mac.at(-1)! & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}
