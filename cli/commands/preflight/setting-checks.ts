import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig, type Config } from '#config.ts'
import { bad, ok, warn, type Line } from './line.ts'

type Env = Record<string, string | undefined>

/** All mistakes in the settings, and the settings without those that are only unknown. Undefined: what is wrong keeps them from being read. */
export function checkSettings(env: Env, dataDir: string | undefined, cwd: string): { lines: Line[]; config: Config | undefined } {
  const read = (from: Env, starts: boolean) => readConfig({ env: from, flags: { dataDir }, dev: false, starts, cwd })
  const beside = read(env, false)
  const problems = beside.ok ? [] : beside.problems
  const lines = problems.map((problem) => bad('settings', problem, 'correct it: the server does not start like this'))
  const known = Object.fromEntries(
    Object.entries(env).filter(([name]) => !problems.some((problem) => problem.startsWith(`${name} is not a setting`))),
  )
  const usable = beside.ok ? beside : read(known, false)
  if (!usable.ok) return { lines, config: undefined }
  const { config } = usable
  const starting = read(known, true)
  const isLaptop = existsSync(join(config.dataDir, 'dev.key'))
  for (const problem of starting.ok ? [] : starting.problems.filter((each) => !problems.includes(each)))
    lines.push(
      isLaptop
        ? warn('settings', problem, 'for npm start on a laptop that is how it is; change it before production')
        : bad('settings', problem, 'correct it: hawser start refuses it'),
    )
  if (lines.length === 0) lines.push(ok('settings', 'all settings are known, and go together'))
  return { lines: [...lines, publicUrl(config, isLaptop), ...trustedProxies(config)], config }
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1'])

function publicUrl({ publicUrl: url, hosts }: Config, isLaptop: boolean): Line {
  const isLocal = LOOPBACK.has(new URL(url).hostname)
  if (!isLocal) return ok('public_url', url)
  const listensOutside = hosts.some((host) => !LOOPBACK.has(host))
  if (isLaptop && !listensOutside) return ok('public_url', `${url}: sign-ins work in browsers on this machine`)
  return warn(
    'public_url',
    `${url}: providers send browsers there, and only those on this machine get back`,
    'set HAWSER_PUBLIC_URL to the https address that people use',
  )
}

/** The server itself speaks no TLS: where people use https, something stands in front of it. */
function trustedProxies({ publicUrl: url, trustedProxies: trusted }: Config): Line[] {
  if (new URL(url).protocol !== 'https:' || trusted.length > 0) return []
  return [
    warn(
      'trusted_proxies',
      'nobody’s X-Forwarded-For is believed: all people who come by your load balancer share one address, and its limits',
      'set HAWSER_TRUSTED_PROXIES to the addresses of what ends TLS in front of this server',
    ),
  ]
}
