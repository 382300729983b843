import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { AccessToken, App, Consumer, Grant, Org, Row, State, User } from '../state.ts'
import type { Knobs } from '../knobs.ts'
import { PRACTICE_ORG, PRACTICE_USER, type PracticeOptions } from './practice-org.ts'

const FORMAT = 'practice org'

/** Raised when a stored shape changes its meaning; a new field needs no raise, since files that lack it do not fit. */
const VERSION = 1

/** A change is written this many ms after the first of its batch. */
const SETTLE_MS = 100

/** An org with many rows is written more rarely, so that writing takes a twentieth of the time at most: it blocks the process. */
const REST_PER_WRITE_MS = 20

type StoredGrant = Omit<Grant, 'app' | 'previous'> & { app: string; previous: string[] }
type StoredToken = Omit<AccessToken, 'app'> & { app: string }

/** What the file holds. Codes, consent tickets, cursors, bulk jobs, the log and who sits at the browser end with the process. */
interface Stored {
  format: typeof FORMAT
  version: number
  /** The options of the run that wrote it; a later run changes the app only where its own options differ from these. */
  practice: Required<PracticeOptions>
  /** By how much `advance` moved the clock: stored times mean nothing without it. */
  clockOffsetMs: number
  idsMade: number
  randomDrawn: number
  knobs: Knobs
  orgs: Org[]
  users: User[]
  apps: App[]
  grants: StoredGrant[]
  accessTokens: StoredToken[]
  rows: { orgKey: string; type: string; records: Row[] }[]
  blobs: { id: string; base64: string }[]
}

export interface StateFile {
  /** The options that hold now: those given, else those stored, else those just made up. */
  practice: Required<PracticeOptions>
  /** Has the state written soon. */
  changed(): void
  /** Writes what is not yet written; later changes are not. */
  close(): void
}

export interface StateFileOptions {
  path: string
  /** What the caller asked for; wins over what the file says. */
  asked: Omit<PracticeOptions, 'callbackUrls'>
  /** What `state` was seeded with. */
  seeded: Required<PracticeOptions>
  /** Gets one line, without anything that the file holds. */
  onWarning: (line: string) => void
}

/**
 * Puts what the file holds in the place of a freshly seeded `state`, and keeps the file up to date from then on. A file that cannot be used
 * is renamed to `<path>.set-aside` and the seed stays. Never throws for what the disk or the file does. One process per path.
 */
export function openStateFile(state: State, options: StateFileOptions): StateFile {
  const { path, asked, seeded, onWarning } = options
  const found = read(path)
  if (found === 'absent') return keep(state, seeded, path, onWarning)
  const stored = found === 'unreadable' ? 'it cannot be read' : parsed(found.text, state)
  if (typeof stored !== 'string') {
    restore(state, stored)
    const practice = { ...stored.practice, ...definedOf(asked), callbackUrls: seeded.callbackUrls }
    applyOptions(state, stored.practice, practice)
    return keep(state, practice, path, onWarning)
  }
  const aside = `${path}.set-aside`
  try {
    renameSync(path, aside)
  } catch {
    onWarning(`The practice org starts anew and will not be remembered: ${path} cannot be used (${stored}), nor renamed.`)
    return { practice: seeded, changed: () => undefined, close: () => undefined }
  }
  onWarning(`The practice org starts anew: its file ${path} cannot be used (${stored}) and is now ${aside}. Reconnect what was connected.`)
  return keep(state, seeded, path, onWarning)
}

function read(path: string): { text: string } | 'absent' | 'unreadable' {
  try {
    return { text: readFileSync(path, 'utf8') }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'absent' : 'unreadable'
  }
}

function keep(state: State, practice: Required<PracticeOptions>, path: string, onWarning: (line: string) => void): StateFile {
  let timer: NodeJS.Timeout | undefined
  let pause = SETTLE_MS
  let warned = false
  let closed = false
  const save = (): void => {
    clearTimeout(timer)
    timer = undefined
    const began = performance.now()
    try {
      write(path, JSON.stringify(storedOf(state, practice)))
      warned = false
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
      if (!warned) onWarning(`The practice org cannot write ${path} (${code}): after a restart it will not know what happened since.`)
      warned = true
    }
    pause = Math.max(SETTLE_MS, REST_PER_WRITE_MS * (performance.now() - began))
  }
  return {
    practice,
    changed() {
      // Unref'd: whoever wants the last change kept closes the fake.
      if (!closed) timer ??= setTimeout(save, pause).unref()
    },
    close() {
      if (!closed) save()
      closed = true
    },
  }
}

/** Whole or not at all: readers and a crash see the old file or the new one. Only the owner may read it, it holds tokens. */
function write(path: string, text: string): void {
  const temporary = `${path}.tmp`
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  // `mode` counts only for a file that is made anew.
  rmSync(temporary, { force: true })
  writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' })
  renameSync(temporary, path)
}

function storedOf(state: State, practice: Required<PracticeOptions>): Stored {
  /** What belongs to an app, user or org that is gone opens nothing, and could not be linked again. */
  const linked = (one: Grant | AccessToken): boolean =>
    state.apps.get(one.app.developerName) === one.app && state.users.has(one.username) && state.orgs.has(one.orgKey)
  return {
    format: FORMAT,
    version: VERSION,
    practice,
    clockOffsetMs: state.clock.offset(),
    idsMade: state.ids.made(),
    randomDrawn: state.random.drawn(),
    knobs: state.knobs,
    orgs: [...state.orgs.values()],
    users: [...state.users.values()],
    apps: [...state.apps.values()],
    grants: [...state.grants.values()].filter(linked).map((one) => ({ ...one, app: one.app.developerName, previous: [...one.previous] })),
    accessTokens: [...state.accessTokens.values()].filter(linked).map((one) => ({ ...one, app: one.app.developerName })),
    rows: [...state.rows].flatMap(([orgKey, types]) => [...types].map(([type, records]) => ({ orgKey, type, records }))),
    blobs: [...state.blobs].map(([id, bytes]) => ({ id, base64: bytes.toString('base64') })),
  }
}

/** The file's content, or why it cannot be used. `seed` is a freshly seeded state: what it has, the file must have. */
function parsed(text: string, seed: State): Stored | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'it is not JSON'
  }
  if (!isObject(value) || value['format'] !== FORMAT) return 'it is something else'
  if (value['version'] !== VERSION) return 'another version of Hawser wrote it'
  return fits(sampleOf(seed), value) && isCoherent(value as unknown as Stored) ? (value as unknown as Stored) : 'it is damaged'
}

function sampleOf(seed: State): Stored {
  return {
    ...storedOf(seed, { callbackUrls: [''], consumerKey: '', consumerSecret: '' }),
    grants: [
      {
        id: '',
        app: '',
        username: '',
        orgKey: '',
        scope: [''],
        createdAt: 0,
        lastUsedAt: 0,
        useCount: 0,
        refreshToken: null,
        previous: [''],
      },
    ],
    accessTokens: [
      {
        value: '',
        grantId: '',
        app: '',
        consumerKey: '',
        username: '',
        orgKey: '',
        scope: [''],
        issuedAt: 0,
        lastUsedAt: 0,
        expiresAt: 0,
        slidesByMs: 0,
      },
    ],
    rows: [{ orgKey: '', type: '', records: [{ Id: '' }] }],
    blobs: [{ id: '', base64: '' }],
  }
}

/** Whether `value` has all that `sample` has, of the same types; null may stand where text or a number may. */
function fits(sample: unknown, value: unknown): boolean {
  if (Array.isArray(sample)) return Array.isArray(value) && (sample.length === 0 || value.every((one) => fits(sample[0], one)))
  if (isObject(sample)) {
    return isObject(value) && Object.entries(sample).every(([name, inner]) => Object.hasOwn(value, name) && fits(inner, value[name]))
  }
  if (value === null) return true
  return sample === null ? typeof value !== 'object' : typeof value === typeof sample
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether everything that is pointed to is there, and the counters count. */
function isCoherent({ orgs, users, apps, grants, accessTokens, rows, ...counters }: Stored): boolean {
  const orgKeys = new Set(orgs.map((org) => org.key))
  const usernames = new Set(users.map((user) => user.username))
  const appNames = new Set(apps.map((app) => app.developerName))
  return (
    orgKeys.has(PRACTICE_ORG) &&
    usernames.has(PRACTICE_USER) &&
    [...users, ...apps, ...grants, ...accessTokens, ...rows].every((one) => orgKeys.has(one.orgKey)) &&
    [...grants, ...accessTokens].every((one) => appNames.has(one.app) && usernames.has(one.username)) &&
    [counters.clockOffsetMs, counters.idsMade, counters.randomDrawn].every((count) => Number.isFinite(count) && count >= 0)
  )
}

/** `stored` must have passed `parsed`. */
function restore(state: State, stored: Stored): void {
  state.clock.advance(stored.clockOffsetMs)
  state.ids.skipTo(stored.idsMade)
  state.random.skipTo(stored.randomDrawn)
  Object.assign(state.knobs, stored.knobs)
  refill(state.orgs, stored.orgs, (org) => org.key)
  refill(state.users, stored.users, (user) => user.username)
  refill(state.apps, stored.apps, (app) => app.developerName)
  const appNamed = (name: string): App => {
    const app = state.apps.get(name)
    if (app === undefined) throw new Error('a stored app is missing')
    return app
  }
  const grants = stored.grants.map((one) => ({ ...one, app: appNamed(one.app), previous: new Set(one.previous) }))
  refill(state.grants, grants, (grant) => grant.id)
  const tokens = stored.accessTokens.map((one) => ({ ...one, app: appNamed(one.app) }))
  refill(state.accessTokens, tokens, (token) => token.value)
  state.rows.clear()
  for (const org of stored.orgs) state.rows.set(org.key, new Map())
  for (const { orgKey, type, records } of stored.rows) state.rows.get(orgKey)?.set(type, records)
  state.blobs.clear()
  for (const { id, base64 } of stored.blobs) state.blobs.set(id, Buffer.from(base64, 'base64'))
}

function refill<One>(map: Map<string, One>, list: One[], keyOf: (one: One) => string): void {
  map.clear()
  for (const one of list) map.set(keyOf(one), one)
}

function definedOf({ consumerKey, consumerSecret }: StateFileOptions['asked']): Partial<PracticeOptions> {
  return { ...(consumerKey === undefined ? {} : { consumerKey }), ...(consumerSecret === undefined ? {} : { consumerSecret }) }
}

/**
 * Gives the app the options that differ from the last run's: the port may be another. The others stay as they are now, so that a secret that
 * was changed to practise with is still the changed one.
 */
function applyOptions(state: State, before: Required<PracticeOptions>, now: Required<PracticeOptions>): void {
  const consumers: [App, Consumer][] = [...state.apps.values()].flatMap((app) => app.consumers.map((one): [App, Consumer] => [app, one]))
  const [app, consumer] = consumers.find(([, one]) => one.key === before.consumerKey) ?? []
  if (app === undefined || consumer === undefined) return
  consumer.key = now.consumerKey
  if (now.consumerSecret !== before.consumerSecret) consumer.secret = now.consumerSecret
  if (now.callbackUrls.join(' ') !== before.callbackUrls.join(' ')) app.callbackUrls = now.callbackUrls
}
