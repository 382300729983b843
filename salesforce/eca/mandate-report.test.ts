import { describe, expect, it } from 'vitest'
import { acme } from './app-options-for-tests.ts'
import { mandateReport } from './mandate-report.ts'
import type { DeployedSettings, MandateRow, Observations } from './mandate-report.ts'
import { applyPreset } from './presets.ts'

function rowOf(control: string, deployed: DeployedSettings | undefined, observed: Observations): MandateRow {
  const found = mandateReport(deployed, observed).find((row) => row.control === control)
  if (!found) throw new Error(control)
  return found
}

describe('mandateReport', () => {
  it('finds the four controls met in an app of the preset', () => {
    const made = applyPreset('partner-mandate', { ...acme, tokenIpRanges: [{ start: '203.0.113.7', end: '203.0.113.8' }] })
    if (!made.ok) throw new Error('refused')
    const rows = mandateReport(made.options, {})
    expect(rows.filter(({ required }) => required === 'on').map(({ verdict }) => verdict)).toEqual(['met', 'met', 'met', 'met'])
    expect(rows.every(({ verdict }) => verdict === 'met')).toBe(true)
  })

  it('cannot tell what nobody knows', () => {
    for (const { verdict, evidence, docs } of mandateReport(undefined, {})) {
      expect(verdict).toBe('cannot tell')
      expect(evidence).toBe('The deployed setting is not known. Nothing that was seen tells.')
      expect(docs).toMatch(/^https:\/\/(help|developer)\.salesforce\.com\//)
    }
  })

  it.each<[string, DeployedSettings | undefined, Observations, MandateRow['verdict']]>([
    ['PKCE', { pkce: true }, { pkceRefusedWithoutChallenge: true }, 'met'],
    ['PKCE', { pkce: false }, {}, 'not met'],
    ['PKCE', { pkce: false }, { pkceRefusedWithoutChallenge: true }, 'contradiction'],
    ['PKCE', undefined, { pkceRefusedWithoutChallenge: false }, 'not met'],
    ['Refresh token rotation', { rotation: true }, { newRefreshTokenAtRefresh: false }, 'contradiction'],
    ['Refresh token rotation', undefined, { newRefreshTokenAtRefresh: true }, 'met'],
    ['30-day idle limit', { idleLimit: true }, { longestRestDays: 20 }, 'met'],
    ['30-day idle limit', { idleLimit: true }, { longestRestDays: 40 }, 'contradiction'],
    ['30-day idle limit', undefined, { longestRestDays: 20 }, 'cannot tell'],
    ['30-day idle limit', undefined, { longestRestDays: 40 }, 'not met'],
    ['IP allowlist', { tokenIpRanges: [] }, {}, 'not met'],
    ['IP allowlist', {}, { refusedFromOtherAddress: true }, 'met'],
    ['Refresh tokens outlive the session', { refreshTokens: { policy: 'zero' } }, {}, 'not met'],
    ['Refresh tokens outlive the session', undefined, { refreshTokenPolicyType: 'SpecificInactivity' }, 'met'],
    ['Secret for refreshing', { secretForRefreshFlow: true }, { secretRequiredForRefresh: false }, 'contradiction'],
    ['Secret for the web server flow', { secretForWebServerFlow: false }, { secretRequiredForWebServerFlow: false }, 'not met'],
    ['Distribution is local', { distribution: 'Packaged' }, {}, 'not met'],
    ['Distribution is local', undefined, { distributionState: 'Local' }, 'met'],
  ])('%s, deployed %j, seen %j: %s', (control, deployed, observed, verdict) => {
    expect(rowOf(control, deployed, observed).verdict).toBe(verdict)
  })

  it('says that some orgs switch PKCE on again', () => {
    expect(rowOf('PKCE', { pkce: false }, { pkceRefusedWithoutChallenge: true }).evidence).toContain('switch PKCE on again')
    expect(rowOf('PKCE', { pkce: true }, { pkceRefusedWithoutChallenge: false }).evidence).not.toContain('again after')
  })
})
