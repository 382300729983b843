/** One run of the user's Salesforce CLI: no shell, a deadline, bounded output, and JSON out of whatever stands around it. */
import { execFile } from 'node:child_process'

export interface SfCli {
  /** Of the executable. */
  path: string
  /** As `sf version` says it, such as `2.150.6`; undefined if it did not answer. */
  version: string | undefined
  /** What its runs are given. */
  env: NodeJS.ProcessEnv
}

export interface SfRun {
  args: readonly string[]
  /** Where the project is, for commands that need one. */
  cwd?: string
  deadlineMs: number
}

export type SfAnswer =
  | { kind: 'json'; body: Record<string, unknown>; exitCode: number }
  | { kind: 'no-json'; text: string; exitCode: number }
  | { kind: 'late' }
  | { kind: 'too-much' }
  | { kind: 'cannot-start'; reason: string }

const MAX_BYTES = 16 * 1024 * 1024
const SHOWN_CHARACTERS = 400

/** Runs `sf <args>`. Never rejects; `args` go to the program one by one and are read by no shell. */
export function runSf(sf: SfCli, { args, cwd, deadlineMs }: SfRun): Promise<SfAnswer> {
  return new Promise((resolve) => {
    const options = {
      env: sf.env,
      timeout: deadlineMs,
      maxBuffer: MAX_BYTES,
      killSignal: 'SIGKILL' as const,
      ...(cwd === undefined ? {} : { cwd }),
    }
    const child = execFile(sf.path, [...args], options, (error, stdout, stderr) => {
      if (error?.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return resolve({ kind: 'too-much' })
      if (error?.killed === true) return resolve({ kind: 'late' })
      if (typeof error?.code === 'string') return resolve({ kind: 'cannot-start', reason: withoutTokens(error.code) })
      const exitCode = child.exitCode ?? 1
      // Old versions write the JSON of an error to stderr.
      const body = jsonIn(stdout) ?? jsonIn(stderr)
      resolve(body === undefined ? { kind: 'no-json', text: shown(stderr, stdout), exitCode } : { kind: 'json', body, exitCode })
    })
    // A question would wait for ever: sf takes a closed input for "nobody is there".
    child.stdin?.end()
  })
}

/** What sf is given: JSON without colours (FORCE_COLOR paints even that), and deployments over REST, since SOAP refuses JWT sessions (V: SDR). */
export function environmentForSf(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _, ...rest } = env
  return { ...rest, NO_COLOR: '1', SF_ORG_METADATA_REST_DEPLOY: 'true', SF_SKIP_NEW_VERSION_CHECK: 'true', SF_AUTOUPDATE_DISABLE: 'true' }
}

const MOST_STARTS = 50

/** The JSON object in a text that may begin with warnings, as old versions print them. It starts at the beginning of a line; nested ones do not. */
export function jsonIn(text: string): Record<string, unknown> | undefined {
  const end = text.lastIndexOf('}') + 1
  let start = text.startsWith('{') ? 0 : nextStart(text, 0)
  for (let tries = 0; start < end && tries < MOST_STARTS; tries++) {
    const value = parsed(text.slice(start, end))
    if (value !== undefined) return value
    start = nextStart(text, start)
  }
  return undefined
}

function nextStart(text: string, from: number): number {
  const at = text.indexOf('\n{', from)
  return at === -1 ? text.length : at + 1
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return undefined
  }
}

function shown(...texts: string[]): string {
  const text = texts.map((one) => one.trim()).find((one) => one !== '') ?? ''
  return withoutTokens(text).replaceAll(/\s+/g, ' ').slice(0, SHOWN_CHARACTERS)
}

/**
 * Session ids, refresh tokens, JWTs, and sf's auth URLs, should sf put one into a sentence. The redaction of the server's logs is no choice here: it
 * also takes the word after "OAuth", and Salesforce's own sentences about "OAuth settings" are what people and the doctor read.
 */
const TOKENS = [
  /\b00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?(?:!|%21)[\w.%-]+/g,
  /\b5Aep[\w.]{20,}/g,
  /\beyJ[\w-]{10,}\.[\w-]+\.[\w-]*/g,
  /\bforce:\/\/\S+/g,
]

export function withoutTokens(text: string): string {
  return TOKENS.reduce((clean, form) => clean.replaceAll(form, '[redacted]'), text)
}
