/** How the text of a setting becomes a value. A parser throws `BadValue` with what the value must be; the caller adds the setting's name. */
import { isIP } from 'node:net'
import pg from 'pg'
import { parseDuration } from '#lib/duration.ts'
import { secret, type Secret } from '#lib/secret.ts'

export class BadValue extends Error {}

export function port(text: string): number {
  const value = Number(text)
  if (!/^\d{1,5}$/.test(text) || value < 1 || value > 65_535) throw new BadValue('must be a port, 1 to 65535')
  return value
}

/** Only where the address is made known after listening: a URL with port 0 leads nowhere. */
export function portOrAny(text: string): number {
  return text === '0' ? 0 : port(text)
}

export function flag(text: string): boolean {
  if (['true', '1', 'yes', 'on'].includes(text)) return true
  if (['false', '0', 'no', 'off'].includes(text)) return false
  throw new BadValue('must be true or false')
}

/** A parser of one of `values`. */
export function oneOf<T extends string>(...values: T[]): (text: string) => T {
  return (text) => {
    const value = values.find((candidate) => candidate === text)
    if (value === undefined) throw new BadValue(`must be one of ${values.join(', ')}`)
    return value
  }
}

/** A parser to whole milliseconds from 1 ms to `longest` (a text like `8s`). */
export function durationUpTo(longest: string): (text: string) => number {
  return (text) => {
    const ms = parseDuration(text)
    if (!ms || ms > (parseDuration(longest) ?? 0)) throw new BadValue(`must be a time like 500ms, 40s or 15m, ${longest} at most`)
    return ms
  }
}

export function uuid(text: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) throw new BadValue('must be a UUID')
  return text.toLowerCase()
}

/** A parser of whole numbers from 1. */
export function countUpTo(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d{1,9}$/.test(text) || value < 1 || value > most) throw new BadValue(`must be a whole number, 1 to ${most}`)
    return value
  }
}

const BYTES_OF: Record<string, number> = { b: 1, kb: 1024, mb: 1024 ** 2 }

/** Bytes from `64kb`, `1mb`; at most 64 MiB, since such a body is held in memory. */
export function size(text: string): number {
  const [, amount, unit] = /^(\d{1,8})(b|kb|mb)$/.exec(text.toLowerCase()) ?? []
  const bytes = Number(amount) * (BYTES_OF[unit ?? ''] ?? Number.NaN)
  if (!(bytes >= 1024 && bytes <= 64 * 1024 ** 2)) throw new BadValue('must be a size like 512kb or 1mb, 1kb to 64mb')
  return bytes
}

/** Bytes on a disk, from `1mb` to 64 GiB. */
export function diskSize(text: string): number {
  const [, amount, unit] = /^(\d{1,8})(mb|gb)$/.exec(text.toLowerCase()) ?? []
  const bytes = Number(amount) * (unit === 'gb' ? 1024 ** 3 : 1024 ** 2)
  if (!(bytes >= 1024 ** 2 && bytes <= 64 * 1024 ** 3)) throw new BadValue('must be a size like 256mb or 2gb, 1mb to 64gb')
  return bytes
}

/** Milliseconds, Infinity for `forever`. */
export function retention(text: string): number {
  if (text.toLowerCase() === 'forever') return Infinity
  const ms = parseDuration(text)
  if (!ms || ms < 86_400_000) throw new BadValue('must be forever, or a time of a day at least, like 90d')
  return ms
}

/** From 0 to 1. */
export function part(text: string): number {
  const value = Number(text)
  if (!/^\d(\.\d{1,6})?$/.test(text) || value > 1) throw new BadValue('must be a number from 0 to 1, like 0.1')
  return value
}

/** Items of a comma list, none of them empty. */
export function commaList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** Addresses to listen on: `localhost` stands for both loopbacks, since programs differ in which one they try. */
export function listenHosts(text: string): string[] {
  const hosts = commaList(text)
  if (hosts.length === 0 || hosts.some((host) => host !== 'localhost' && isIP(host) === 0))
    throw new BadValue('must be localhost, or IP addresses separated by commas (0.0.0.0: all)')
  return hosts.flatMap((host) => (host === 'localhost' ? ['127.0.0.1', '::1'] : [host]))
}

export function hostName(text: string): string {
  const name = text.toLowerCase()
  if (!isHostName(name)) throw new BadValue('must be a host name like gateway.example.com, without https:// and port')
  return name
}

function isHostName(name: string): boolean {
  return name.length <= 253 && /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/.test(name)
}

/** IP addresses and networks, as fastify's `trustProxy` takes them. */
export function networks(text: string): string[] {
  return commaList(text).map((item) => {
    const [address = '', bits, rest] = item.split('/')
    const version = isIP(address)
    const bitsFit = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 6 ? 128 : 32))
    if (version === 0 || !bitsFit || rest !== undefined) {
      throw new BadValue(`must be IP addresses or networks like 10.0.0.0/8, separated by commas; "${item}" is neither`)
    }
    return item
  })
}

export interface HostPort {
  /** Lower case, IPv6 without brackets. */
  host: string
  port: number
}

/** Exact pairs; a host without a port stands for its ports 443 and 80. */
export function hostPorts(text: string): HostPort[] {
  return commaList(text).flatMap((item) => {
    const [, bracketed, plain, portText] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(item) ?? []
    const host = (bracketed ?? plain ?? '').toLowerCase()
    const isHost = bracketed === undefined ? isHostName(host) : isIP(host) === 6
    const isPort = portText === undefined || (Number(portText) >= 1 && Number(portText) <= 65_535)
    if (!isHost || !isPort) {
      throw new BadValue(
        `must be exact hosts like erp.internal or 10.1.2.3:8080, separated by commas ([::1]:80 for IPv6); "${item}" is not one`,
      )
    }
    return portText === undefined
      ? [
          { host, port: 443 },
          { host, port: 80 },
        ]
      : [{ host, port: Number(portText) }]
  })
}

/**
 * The address that browsers and providers reach this server by, without a final slash. Salesforce takes `http` callbacks for the name
 * `localhost` alone, and anything else over plain http would show authorization codes to the network.
 */
export function publicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw new BadValue('must be an address like https://hawser.example.com')
  if (url.username || url.password || url.pathname !== '/' || url.search || url.hash) {
    throw new BadValue('must be scheme, host and port only, like https://hawser.example.com: no path, no user, nothing behind a ?')
  }
  if (/^127\.|^\[::1\]$/.test(url.hostname)) {
    throw new BadValue(
      `must not be a loopback address, which Salesforce refuses as a callback: write ${url.protocol}//localhost${url.port && `:${url.port}`}`,
    )
  }
  if (url.protocol === 'http:' && url.hostname !== 'localhost') {
    throw new BadValue('must begin with https:// (authorization codes would cross the network in the clear; http is for localhost only)')
  }
  return url.origin
}

/** An OpenID Connect issuer, letter by letter as it calls itself. */
export function issuer(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const local = url?.protocol === 'http:' && url.hostname === 'localhost'
  if (!url || (url.protocol !== 'https:' && !local) || url.search || url.hash || url.username)
    throw new BadValue('must be the issuer of an OpenID Connect provider, like https://login.example.com')
  return text
}

export function secretText(text: string): Secret {
  return secret(text)
}

/** Domains of mail addresses, in lower case. */
export function domains(text: string): string[] {
  const found = commaList(text).map((domain) => domain.toLowerCase())
  const wrong = found.find((domain) => !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(domain))
  if (wrong !== undefined) throw new BadValue('must be domains like example.com, separated by commas')
  return found
}

/** An address that messages are posted to; whoever knows it can post, so it is a secret. */
export function alertUrl(text: string): Secret {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.password || url.hash)
    throw new BadValue('must be an http(s) address like https://hooks.slack.com/services/…, without user and #')
  return secret(url.href)
}

/** Exactly 32 bytes. */
export function encryptionKey(text: string): Secret {
  const isBase64 = /^[A-Za-z0-9+/_-]+={0,2}$/.test(text)
  if (!isBase64 || Buffer.from(text, 'base64').length !== 32)
    throw new BadValue('must be 32 bytes in base64; make one with: openssl rand -base64 32')
  return secret(text)
}

/** The ARN of a key in AWS KMS. Not of an alias: that can be pointed at another key, which would open nothing. */
export function kmsKey(text: string): string {
  const [, arn] = /^aws-kms:(arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]{1,64})$/.exec(text) ?? []
  if (arn === undefined)
    throw new BadValue('must be like aws-kms:arn:aws:kms:eu-central-1:123456789012:key/… with the ARN of a key, not of an alias')
  return arn
}

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/** An API key that its owner brings. */
export function presetKey(text: string): Secret {
  if (!/^hws_[a-z0-9][a-z0-9_]{0,254}_[0-9A-Za-z]{43}$/.test(text) && !UUID_V4.test(text)) {
    throw new BadValue('must be an API key: hws_<environment in lower case>_<43 letters and digits>, or a UUID version 4')
  }
  return secret(text)
}

export function databaseUrl(text: string): Secret {
  if (databaseHost(text) === undefined) throw new BadValue('must be an address like postgres://user:password@host:5432/database')
  return secret(text)
}

/** Where a database address leads, as the driver reads it (a host in the query wins); a unix socket's begins with `/`. Undefined: not an address. */
export function databaseHost(url: string): string | undefined {
  if (!/^postgres(ql)?:\/\//.test(url)) return undefined
  try {
    return new pg.Client({ connectionString: url }).host
  } catch {
    return undefined
  }
}
