import type { z } from 'zod'
import type { probeIntegration } from '@hawser/api/doctor.ts'
import type { Diagnosis } from '#diagnosis/diagnose.ts'
import type { SignInAnswer } from './ask-sign-in.ts'

export type ProbeResult = z.input<typeof probeIntegration.reply.body>['data']
type Check = ProbeResult['checks'][number]

export interface ProbeAnswers {
  /** To the request as a sign-in sends it. */
  asSent: SignInAnswer
  withoutPkce: SignInAnswer
  /** With a scope besides that no app has. */
  withWrongScope: SignInAnswer
  sendsPkce: boolean
}

/** Salesforce looks at the client id first, then at the callback, then at the rest: an error shows that what stands before it was taken. */
const ORDER = ['client_id', 'callback_url', 'pkce', 'scopes'] as const

const BLAMED: Readonly<Record<string, (typeof ORDER)[number]>> = {
  'client-id-unknown': 'client_id',
  'redirect-uri-mismatch': 'callback_url',
  'redirect-uri-missing': 'callback_url',
  'pkce-challenge-missing': 'pkce',
  'scope-refused': 'scopes',
}

export function probeResult({ asSent, withoutPkce, withWrongScope, sendsPkce }: ProbeAnswers): ProbeResult {
  const pkceRequired = pkceRequiredBy(asSent, withoutPkce)
  const checks: Check[] = ORDER.map((name) => ({ name, ...resultOf(name, asSent) }))
  const pkce = checks.find(({ name }) => name === 'pkce')
  // Sent anyway, so the app may ask for it or not.
  if (pkce?.result === 'unknown' && sendsPkce && asSent.outcome === 'accepted') pkce.result = 'ok'
  const scopes = checks.find(({ name }) => name === 'scopes')
  if (scopes?.result === 'ok' && !isBlamed('scopes', withWrongScope)) scopes.result = 'unknown'
  const failed = checks.some(({ result }) => result === 'failed')
  return { ok: asSent.outcome === 'accepted' && !failed, checks, pkce_required: pkceRequired, host: asSent.host }
}

function resultOf(name: (typeof ORDER)[number], answer: SignInAnswer): { result: Check['result']; diagnosis: Diagnosis | null } {
  if (answer.outcome === 'accepted') return { result: 'ok', diagnosis: null }
  const blamed = answer.outcome === 'refused' ? BLAMED[answer.diagnosis.code] : undefined
  // An answer that blames none of them is told once, at the first.
  if (blamed === undefined) return { result: 'unknown', diagnosis: name === 'client_id' ? answer.diagnosis : null }
  if (blamed === name) return { result: 'failed', diagnosis: answer.diagnosis }
  const isBefore = ORDER.indexOf(name) < ORDER.indexOf(blamed) && name !== 'pkce'
  return { result: isBefore ? 'ok' : 'unknown', diagnosis: null }
}

function pkceRequiredBy(asSent: SignInAnswer, withoutPkce: SignInAnswer): boolean | null {
  if (isBlamed('pkce', withoutPkce)) return true
  return asSent.outcome === 'accepted' && withoutPkce.outcome === 'accepted' ? false : null
}

function isBlamed(name: (typeof ORDER)[number], answer: SignInAnswer): boolean {
  return answer.outcome === 'refused' && BLAMED[answer.diagnosis.code] === name
}
