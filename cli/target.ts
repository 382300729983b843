/** Which server a command talks to, and with which key. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { Hawser } from '@hawser/node'
import { CommandFailure } from './output.ts'

export interface GlobalOptions {
  json?: boolean
  dataDir?: string
  server?: string
  key?: string
}

/** What a running server leaves in its data directory. */
export interface ServerFile {
  pid: number
  url: string
  gateway_url: string
  practice_org?: { url: string; control_url: string }
}

export const SERVER_FILE = 'server.json'

export function globalsOf(command: Command): GlobalOptions {
  return command.optsWithGlobals<GlobalOptions>()
}

export function dataDirOf(options: GlobalOptions): string {
  return resolve(options.dataDir ?? process.env['HAWSER_DATA_DIR'] ?? './.hawser')
}

/** undefined if no server has run on this data directory. */
export function readServerFile(options: GlobalOptions): ServerFile | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDirOf(options), SERVER_FILE), 'utf8')) as ServerFile
  } catch {
    return undefined
  }
}

export function serverUrlOf(options: GlobalOptions): string {
  const url = options.server ?? (process.env['HAWSER_HOST_URL'] || readServerFile(options)?.url) ?? 'http://localhost:3003'
  if (!/^https?:/.test(url) || !URL.canParse(url))
    throw new CommandFailure(`"${url}" is no address of a server: write http://localhost:3003.`)
  return url.replace(/\/+$/, '')
}

export function apiKeyOf(options: GlobalOptions): string {
  const given = options.key ?? process.env['HAWSER_API_KEY']
  if (given) return given
  try {
    return readFileSync(join(dataDirOf(options), 'dev.key'), 'utf8').trim()
  } catch {
    throw new CommandFailure(
      `No API key: there is none in ${dataDirOf(options)}. Start the server here first (npm start), or give one with --key or HAWSER_API_KEY.`,
    )
  }
}

export function clientOf(options: GlobalOptions): Hawser {
  return new Hawser({ host: serverUrlOf(options), apiKey: apiKeyOf(options) })
}
