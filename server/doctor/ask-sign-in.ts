/** One authorize request without a user, and what its answer shows. */
import { diagnosePastedText } from '@hawser/salesforce/errors/pasted/diagnose-pasted-text.ts'
import { diagnoseNoAnswer, diagnoseTokenFailure, toDiagnosis, type Diagnosis } from '#diagnosis/diagnose.ts'
import { explainHawserCode } from '#diagnosis/hawser-errors.ts'
import type { Egress } from '#egress/dispatcher.ts'
import { EgressRefused } from '#egress/egress-refused.ts'
import { RequestFailed, requestSmall, type SmallAnswer } from '#egress/small-request.ts'

const TIMEOUT_MS = 10_000
const MAX_PAGE_BYTES = 256 * 1024

/** `accepted`: on to the login or the consent page. `refused`: an error that our table has. `unclear`: anything else, with what is known of it. */
export type SignInAnswer = { host: string } & (
  | { outcome: 'accepted' }
  | { outcome: 'refused'; diagnosis: Diagnosis }
  | { outcome: 'unclear'; diagnosis: Diagnosis | null }
)

export async function askSignIn(egress: Egress, url: URL, redirectUri: string): Promise<SignInAnswer> {
  const { host } = url
  try {
    const answer = await requestSmall(egress, {
      url,
      method: 'GET',
      headers: { accept: 'text/html' },
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_PAGE_BYTES,
      redirects: 'answer',
    })
    return { host, ...readAnswer(answer, url, redirectUri) }
  } catch (error) {
    if (error instanceof EgressRefused) return { host, outcome: 'unclear', diagnosis: explainHawserCode('egress_refused') }
    if (!(error instanceof RequestFailed)) throw error
    if (error.kind === 'blocked') return { host, outcome: 'unclear', diagnosis: explainHawserCode('egress_refused') }
    const kind = error.kind === 'redirect' || error.kind === 'too_large' ? 'other' : error.kind
    return { host, outcome: 'unclear', diagnosis: diagnoseNoAnswer('salesforce', kind, { host }) }
  }
}

function readAnswer(answer: SmallAnswer, url: URL, redirectUri: string) {
  const { status, bodyText } = answer
  const location = typeof answer.headers['location'] === 'string' ? answer.headers['location'] : undefined
  const target = location !== undefined && URL.canParse(location, url.href) ? new URL(location, url.href) : undefined
  const evidence = { host: url.host, status }
  if (status >= 500) return { outcome: 'unclear', diagnosis: diagnoseTokenFailure('salesforce', { status, bodyKind: 'html' }) } as const
  if (target ? isLogin(target, url, redirectUri) : status === 200 && isLoginPage(bodyText)) return { outcome: 'accepted' } as const
  // Of a redirect only the address counts, of a page only its text.
  const found = diagnosePastedText(target?.href ?? bodyText, { fromSalesforce: true })
  if (found) return { outcome: 'refused', diagnosis: toDiagnosis(found.row, { ...evidence, ...seen(found.evidence) }) } as const
  return { outcome: 'unclear', diagnosis: null } as const
}

function seen(evidence: Diagnosis['evidence']): Diagnosis['evidence'] {
  return Object.fromEntries(Object.entries(evidence).filter(([name]) => ['error', 'said_by', 'callback_sent'].includes(name)))
}

/** The consent page, the login of the same org or login host, or (for a user who is logged in already, which this server is not) the callback. */
function isLogin(target: URL, asked: URL, redirectUri: string): boolean {
  if (target.searchParams.has('error') || /RemoteAccessErrorPage/i.test(target.href)) return false
  if (`${target.origin}${target.pathname}` === redirectUri) return target.searchParams.has('code')
  const ofSameSite = target.host === asked.host || /\.salesforce\.(?:com|mil)$/.test(target.hostname)
  return (
    ofSameSite &&
    (/^\/(?:login|index\.jsp|setup\/secur\/RemoteAccessAuthorizationPage\.apexp|saml\/|_nc_external\/|$)/i.test(target.pathname) ||
      target.searchParams.has('startURL'))
  )
}

/** Salesforce's login and consent pages also come with status 200, and redirect by script. */
function isLoginPage(page: string): boolean {
  if (/RemoteAccessErrorPage|[?&]error=/i.test(page)) return false
  return /RemoteAccessAuthorizationPage\.apexp|name=["']?(?:username|un)["'\s>]|window\.location\.(?:replace|href)[^\n]{0,200}startURL/i.test(
    page,
  )
}
