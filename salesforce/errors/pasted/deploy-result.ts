import type { ErrorRow } from '../error-row.ts'
import type { Evidence } from './address-facts.ts'

/** Marks of a deploy to Salesforce: the CLI's tables and JSON, deploy results of the Metadata API. Other products deploy, too. */
const DEPLOY =
  /componentFailures|component failures|\bproblemType\b|deploy errors[^]{0,400}\bproblem\b|\bsfdx?\b[^\n]{0,20}\bdeploy|\b(?:ExternalClientApplication|ExtlClntApp\w+|ConnectedApp)\b|\bpackage\.xml\b|metadata api|soap\.sforce\.com|\.eca(?:GlblOauth|Oauth|OauthPlcy|Plcy)?-meta/i

export function isDeployResult(text: string): boolean {
  return DEPLOY.test(text)
}

/** The row whose words stand first in the text: later problems of a deploy usually follow from the first. */
export function deployRow(rows: readonly ErrorRow[], text: string): { row: ErrorRow; evidence: Evidence } | undefined {
  const lower = text.toLowerCase()
  let best: { row: ErrorRow; at: number; words: string } | undefined
  for (const row of rows) {
    if (row.where !== 'deploy') continue
    for (const { description, errorCode } of row.match) {
      const words = description ?? errorCode ?? ''
      const at = wholeWordAt(lower, words.toLowerCase())
      if (at < 0) continue
      if (best === undefined || at < best.at || (at === best.at && words.length > best.words.length)) best = { row, at, words }
    }
  }
  if (best === undefined) return undefined
  const component = /\b(ExternalClientApplication|ExtlClntApp\w{1,40}|ConnectedApp)\b/.exec(text)?.[1]
  return { row: best.row, evidence: { said_by: 'deploy result', ...(component === undefined ? {} : { component_type: component }) } }
}

function wholeWordAt(text: string, words: string): number {
  for (let at = text.indexOf(words), tries = 0; at >= 0 && tries < 100; at = text.indexOf(words, at + 1), tries++) {
    if (!/\w/.test(text.charAt(at - 1)) && !/\w/.test(text.charAt(at + words.length))) return at
  }
  return -1
}
