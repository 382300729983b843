/** What can be wrong with a run of `sf`, in words that say what to do. */
import { withoutTokens, type SfAnswer, type SfCli } from './sf-process.ts'

/** What went wrong, in a sentence, and what to do about it, in another. Neither holds a token. */
export interface SfProblem {
  problem: string
  fix: string
}

export const PATH_VARIABLE = 'HAWSER_SF_PATH'
const OLDEST_MAJOR = 2
const INSTALL = 'Install the Salesforce CLI from https://developer.salesforce.com/tools/salesforcecli'
export const UPDATE = 'Update the Salesforce CLI: run `sf update`, or `npm install --global @salesforce/cli` if it came from npm.'

/** For scratch orgs sf gives no status. */
export function endedSession(alias: string, status: unknown): SfProblem | undefined {
  if (typeof status !== 'string' || status === 'Connected' || status === 'Unknown') return undefined
  return /expired|invalid|refresh|revoked|inactive/i.test(status)
    ? signInAgain(alias, status)
    : {
        problem: `sf cannot reach the org "${alias}": ${withoutTokens(status)}.`,
        fix: 'Run `sf org list` to see its state, then try again.',
      }
}

function signInAgain(alias: string, reason: string): SfProblem {
  return {
    problem: `The session that sf has for "${alias}" has ended: ${sentenceOf(reason)}.`,
    fix: `Sign in again: sf org login web --alias ${quoted(alias)} --instance-url <the org's My Domain>`,
  }
}

export function unfitAlias(alias: string): SfProblem | undefined {
  // oxlint-disable-next-line no-control-regex -- that is what is refused
  if (alias !== '' && alias.length <= 200 && !alias.startsWith('-') && !/[\x00-\x1f\x7f]/.test(alias)) return undefined
  return { problem: `${JSON.stringify(alias.slice(0, 80))} is no alias of an org.`, fix: 'Use an alias or a username from `sf org list`.' }
}

export function unfitVersion({ version, path }: SfCli): SfProblem | undefined {
  if (version === undefined)
    return {
      problem: `${path} does not say its version, so it is no Salesforce CLI that works.`,
      fix: `Try \`${path} version\`. ${INSTALL}.`,
    }
  if (Number(version.split('.')[0]) >= OLDEST_MAJOR) return undefined
  return { problem: `The Salesforce CLI is too old: version ${version}, and ${OLDEST_MAJOR} is needed.`, fix: UPDATE }
}

/** What a command said, or the problem that it named. */
export function resultOf(alias: string, answer: SfAnswer): { ok: true; result: Record<string, unknown> } | ({ ok: false } & SfProblem) {
  switch (answer.kind) {
    case 'late':
      return {
        ok: false,
        problem: 'sf did not answer in time and was stopped.',
        fix: 'Try again; if it stays so, run the same with sf itself.',
      }
    case 'too-much':
      return { ok: false, problem: 'sf printed far more than expected and was stopped.', fix: UPDATE }
    case 'cannot-start':
      return { ok: false, problem: `sf cannot be started (${answer.reason}).`, fix: `${INSTALL}, or say in ${PATH_VARIABLE} where it is.` }
    case 'no-json': {
      // oclif's exit code for an unknown command is 127, and it says so in words, --json or not (V: run).
      const unknown = answer.exitCode === 127 || /is not a sf command|nonexistent flag|unexpected argument/i.test(answer.text)
      const problem = unknown ? 'The Salesforce CLI is too old: it does not know a command that is needed' : 'sf gave no JSON'
      return { ok: false, problem: answer.text === '' ? `${problem}.` : `${problem}: ${sentenceOf(answer.text)}.`, fix: UPDATE }
    }
    case 'json':
      if (isRecord(answer.body['result'])) return { ok: true, result: answer.body['result'] }
      return { ok: false, ...problemNamed(alias, String(answer.body['name'] ?? ''), String(answer.body['message'] ?? 'no reason given')) }
  }
}

const UNKNOWN_ORG = /^(NamedOrgNotFound(Error)?|NoOrgFound|NoAuthInfoFound|AuthInfoCreationError|NoAuthInfoFoundError)$/
const ENDED_SESSION = /^(INVALID_SESSION_ID|RefreshTokenAuthError|INVALID_LOGIN|Bad_OAuth_Token|INVALID_AUTH_HEADER)$/
const ENDED_SESSION_TEXT = /expired access\/refresh token|session expired or invalid|inactive user|Bad_OAuth_Token/i
const CONFLICT = /^SourceConflictError$/

function problemNamed(alias: string, name: string, message: string): SfProblem {
  if (UNKNOWN_ORG.test(name) || /No authorization information found for/.test(message))
    return {
      problem: `sf knows no org "${alias}".`,
      fix: `See what it knows with \`sf org list\`, or sign in: sf org login web --alias ${quoted(alias)} --instance-url <the org's My Domain>`,
    }
  if (ENDED_SESSION.test(name) || ENDED_SESSION_TEXT.test(message)) return signInAgain(alias, message)
  if (CONFLICT.test(name))
    return {
      problem: 'The org has changes of these components that the folder does not have, so sf overwrites nothing.',
      fix: 'Look at them with `sf project deploy preview`; to overwrite them run `sf project deploy start --ignore-conflicts` in that folder.',
    }
  // M: Modify Metadata for any deployment; V: the other one for apps.
  if (name.startsWith('INSUFFICIENT_ACCESS'))
    return {
      problem: `The user of "${alias}" may not do this: ${sentenceOf(message)}.`,
      fix: 'Ask the admin of the org for "Modify Metadata Through Metadata API Functions" and "Create, Edit, and Delete External Client Apps".',
    }
  return { problem: `sf says: ${sentenceOf(message)}${name === '' ? '' : ` (${name})`}.`, fix: 'Run the same with sf itself to see more.' }
}

/** In one line and without a full stop. */
function sentenceOf(text: string): string {
  const line = withoutTokens(text).replaceAll(/\s+/g, ' ').trim().slice(0, 400)
  return line.replace(/\.$/, '')
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[\w.@-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
