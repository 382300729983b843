/** Reads the settings once at the start; all mistakes are reported together. */
import { resolve } from 'node:path'
import { nearestName } from '#lib/nearest-name.ts'
import { PRODUCT } from '#lib/product.ts'
import type { Secret } from '#lib/secret.ts'
import { contradictions } from './config-rules.ts'
import * as values from './setting-values.ts'
import { PRESET_KEY, table, type Setting, type Values } from './settings.ts'

/** Times in ms, paths absolute, sizes in bytes. */
export interface Config extends Readonly<Omit<Values, 'only' | 'practiceOrg' | 'practiceOrgPort' | 'publicUrl'>> {
  readonly dev: boolean
  /** Origin without a final slash. */
  readonly publicUrl: string
  readonly roles: { readonly api: boolean; readonly worker: boolean }
  /** Undefined: does not run. */
  readonly practiceOrg: { readonly port: number } | undefined
  /** API keys that must exist, by name of environment. */
  readonly presetKeys: ReadonlyMap<string, Secret>
}

export interface ConfigSources {
  /** `process.env`; an empty text counts as unset, as container files leave it. */
  env: Record<string, string | undefined>
  /** Options of the command line by key of the table (`gatewayPort`, `dataDir`); they win over the environment. */
  flags?: Record<string, string | boolean | undefined>
  /** `hawser start --dev`. */
  dev: boolean
  /** False for commands beside a server: rules about how one may be started do not concern them. */
  starts?: boolean
  /** What relative paths begin at. */
  cwd: string
}

/** Reads all settings. Each problem is a sentence that names the setting and says what to do; no problem shows a secret. */
export function readConfig(sources: ConfigSources): { ok: true; config: Config } | { ok: false; problems: string[] } {
  const problems: string[] = []
  const read = readTable(sources, problems)
  const presetKeys = readPresetKeys(sources.env, problems)
  reportUnknown(sources.env, problems)
  // With a problem on board the values that could not be read are missing; such a config is used for the remaining rules only.
  const config = assemble(read as Values, presetKeys, sources)
  problems.push(...contradictions(read, config, sources))
  return problems.length > 0 ? { ok: false, problems } : { ok: true, config: Object.freeze(config) }
}

/** What could be read; a setting with a mistake is missing. */
function readTable({ env, flags = {} }: ConfigSources, problems: string[]): Partial<Values> {
  const read: Record<string, unknown> = {}
  for (const [key, entry] of Object.entries<Setting<unknown>>(table)) {
    // The parser of a command line says true for a `--no-…` that was not given.
    const given = flags[key] === true ? undefined : flags[key]
    const name = given === undefined ? entry.env : (entry.flag?.split(' ')[0] ?? entry.env)
    const text = given === undefined ? env[entry.env] || entry.default : String(given)
    if (text === undefined) continue
    const value = parseOrReport(entry.parse, text, entry.secret ? name : `${name} is "${text}", but it`, problems)
    if (value !== undefined) read[key] = value
  }
  return read
}

function parseOrReport<T>(parse: (text: string) => T, text: string, subject: string, problems: string[]): T | undefined {
  try {
    return parse(text.trim())
  } catch (error) {
    if (!(error instanceof values.BadValue)) throw error
    problems.push(`${subject} ${error.message}`)
    return undefined
  }
}

function readPresetKeys(env: ConfigSources['env'], problems: string[]): Map<string, Secret> {
  const keys = new Map<string, Secret>()
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(PRESET_KEY) || !text) continue
    const environment = name.slice(PRESET_KEY.length).toLowerCase()
    if (!/^[a-z0-9_-]{1,255}$/.test(environment)) problems.push(`${name} names no environment: write for example ${PRESET_KEY}PROD`)
    const key = parseOrReport(values.presetKey, text, name, problems)
    if (key) keys.set(environment, key)
  }
  return keys
}

/** Read by the command line and the SDK; whoever has them in the shell may start a server in it. */
const CLIENT_NAMES = ['HAWSER_API_KEY', 'HAWSER_HOST_URL', 'HAWSER_WEBHOOK_KEY', 'HAWSER_BACKUP_PASSPHRASE']

/** A mistyped name would otherwise be a setting that silently does nothing. `HAWSER_TEST_…` belongs to the tests. */
function reportUnknown(env: ConfigSources['env'], problems: string[]): void {
  const known = Object.values<Setting<unknown>>(table).map((entry) => entry.env)
  for (const name of Object.keys(env)) {
    if (!name.startsWith('HAWSER_') || name.startsWith(PRESET_KEY) || name.startsWith('HAWSER_TEST_')) continue
    if (known.includes(name) || CLIENT_NAMES.includes(name)) continue
    const nearest = nearestName(name, [...known, `${PRESET_KEY}PROD`])
    problems.push(`${name} is not a setting of ${PRODUCT}${nearest ? `: did you mean ${nearest}?` : '; remove it'}`)
  }
}

function assemble(
  { only, practiceOrg, practiceOrgPort, ...read }: Values,
  presetKeys: Map<string, Secret>,
  { dev, cwd }: ConfigSources,
): Config {
  return {
    ...read,
    // Settings without a default are keys of the object all the same.
    gatewayHost: read.gatewayHost,
    databaseUrl: read.databaseUrl,
    alertUrl: read.alertUrl,
    encryptionKey: read.encryptionKey,
    kmsKey: read.kmsKey,
    newEncryptionKey: read.newEncryptionKey,
    newKmsKey: read.newKmsKey,
    dev,
    dataDir: resolve(cwd, read.dataDir ?? ''),
    providerPaths: (read.providerPaths ?? []).map((path) => resolve(cwd, path)),
    publicUrl: read.publicUrl ?? `http://localhost:${read.port}`,
    roles: { api: only !== 'worker', worker: only !== 'api' },
    practiceOrg: dev && practiceOrg !== false ? { port: practiceOrgPort } : undefined,
    presetKeys,
  }
}
