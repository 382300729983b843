import type { Command } from 'commander'
import { keyLimits, type Limits } from '@hawser/api/limits.ts'
import { parseDuration } from '#lib/duration.ts'
import { CommandFailure } from '../output.ts'

/** As they are typed: lists separated by commas. */
export interface LimitOptions {
  integrations?: string
  connections?: string
  tags?: string
  methods?: string
  paths?: string
  expires?: string
}

/** The options that narrow a key. */
export function limitOptions(command: Command): Command {
  return command
    .option('--integrations <keys>', 'comma-separated; the key sees no other integrations, and no connections of others')
    .option('--connections <ids>', 'comma-separated connection ids')
    .option('--tags <tags>', 'only connections with these tags, e.g. team=billing,plan=pro')
    .option('--methods <methods>', 'of proxied calls, e.g. GET,POST')
    .option('--paths <patterns>', 'of proxied calls, e.g. "/services/data/*"; * is one part, /* at the end everything below')
    .option('--expires <when>', 'a duration such as 12h or 30d, or a time such as 2027-01-31T00:00:00Z')
}

/** Throws CommandFailure with the option that cannot be read. */
export function readLimits(options: LimitOptions, nowMs: number): { limits: Limits | undefined; expiresAt: Date | undefined } {
  const { integrations, connections, tags, methods, paths, expires } = options
  const wanted = {
    ...(integrations === undefined ? {} : { integrations: listed(integrations) }),
    ...(connections === undefined && tags === undefined
      ? {}
      : {
          connections: {
            ...(connections === undefined ? {} : { ids: listed(connections) }),
            ...(tags === undefined ? {} : { tags: readTags(tags) }),
          },
        }),
    ...(methods === undefined ? {} : { methods: listed(methods.toUpperCase()) }),
    ...(paths === undefined ? {} : { paths: listed(paths) }),
  }
  if (Object.keys(wanted).length === 0) return { limits: undefined, expiresAt: readEnd(expires, nowMs) }
  const read = keyLimits.safeParse(wanted)
  if (read.success) return { limits: read.data, expiresAt: readEnd(expires, nowMs) }
  const { path, message } = read.error.issues[0]!
  throw new CommandFailure(`--${path[0] === 'connections' ? (path[1] === 'tags' ? 'tags' : 'connections') : String(path[0])}: ${message}`)
}

/** What a list shows of a key's limits and end. */
export function describeLimits(key: { limits: Limits | null; expires_at: string | null }): string {
  const { integrations, connections, methods, paths } = key.limits ?? {}
  const parts = [
    integrations?.join(','),
    connections?.ids && `connections ${connections.ids.join(',')}`,
    connections?.tags &&
      `tags ${Object.entries(connections.tags)
        .map(([name, value]) => `${name}=${value}`)
        .join(',')}`,
    methods?.join(','),
    paths?.join(','),
    key.expires_at && `until ${key.expires_at}`,
  ].filter((part) => part)
  return parts.length > 0 ? ` (${parts.join('; ')})` : ''
}

function listed(text: string): string[] {
  return text.split(',').map((one) => one.trim())
}

function readTags(text: string): Record<string, string> {
  const pairs = listed(text).map((pair) => {
    const equals = pair.indexOf('=')
    if (equals < 1) throw new CommandFailure('--tags reads like team=billing,plan=pro')
    return [pair.slice(0, equals).toLowerCase(), pair.slice(equals + 1)] as const
  })
  return Object.fromEntries(pairs)
}

function readEnd(text: string | undefined, nowMs: number): Date | undefined {
  if (text === undefined) return undefined
  const ms = parseDuration(text)
  const end = ms === undefined ? Date.parse(/^\d{4}-\d{2}-\d{2}/.test(text) ? text : '') : nowMs + ms
  if (Number.isNaN(end) || end <= nowMs)
    throw new CommandFailure('--expires is a duration such as 12h or 30d, or a time to come such as 2027-01-31T00:00:00Z')
  return new Date(end)
}
