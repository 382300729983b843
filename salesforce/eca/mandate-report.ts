import type { AppOptions } from './app-options.ts'

/** Settings as they stand in the org, by a retrieve; the options of the app will do. Absent: not known. An empty list of ranges: no allowlist. */
export type DeployedSettings = Partial<
  Pick<
    AppOptions,
    | 'pkce'
    | 'rotation'
    | 'idleLimit'
    | 'tokenIpRanges'
    | 'refreshTokens'
    | 'secretForWebServerFlow'
    | 'secretForRefreshFlow'
    | 'distribution'
  >
>

/** What was seen without changing anything. Absent: not tried. */
export type Observations = {
  /** An authorize request without a challenge was refused with "missing required code challenge". */
  pkceRefusedWithoutChallenge?: boolean
  /** A refresh answered a refresh token other than the one sent. */
  newRefreshTokenAtRefresh?: boolean
  /** A refresh without the secret was refused with `invalid_client`. */
  secretRequiredForRefresh?: boolean
  /** The exchange of a code without the secret was refused with `invalid_client`. */
  secretRequiredForWebServerFlow?: boolean
  /** A request from an address outside of the list was refused with "ip restricted". */
  refusedFromOtherAddress?: boolean
  /** The most days that a refresh token rested and still worked. */
  longestRestDays?: number
  /** `ExtlClntAppOauthPlcyCnfg.RefreshTokenPolicyType` of a Tooling query. */
  refreshTokenPolicyType?: string
  /** `ExternalClientApplication.DistributionState` of a Tooling query. */
  distributionState?: string
}

export type MandateState = 'on' | 'off' | 'unknown'

export type MandateRow = {
  control: string
  /** `on`: Salesforce demands it of partners whose app is used in more than two customers' production orgs. `advised`: ours. */
  required: 'on' | 'advised'
  deployed: MandateState
  observed: MandateState
  verdict: 'met' | 'not met' | 'cannot tell' | 'contradiction'
  evidence: string
  docs: string
}

const MANDATE = 'https://developer.salesforce.com/docs/atlas.en-us.packagingGuide.meta/packagingGuide/secure_code_ac_eca.htm'
const SETTINGS = 'https://help.salesforce.com/s/articleView?id=xcloud.configure_external_client_app_oauth_settings.htm'
const ALLOWLIST = 'https://help.salesforce.com/s/articleView?id=xcloud.set_ip_allowlist_for_refresh_tokens.htm'
const IDLE = 'https://help.salesforce.com/s/articleView?id=xcloud.connected_app_limit_idle_ttl.htm'

/** The four controls of the partner mandate (ISVforce guide, V) and what belongs to them. `deployed` is absent when the app could not be retrieved. */
export function mandateReport(deployed: DeployedSettings | undefined, observed: Observations): MandateRow[] {
  const settings = deployed ?? {}
  const ranges = settings.tokenIpRanges
  const rest = observed.longestRestDays
  return [
    row(
      'PKCE',
      'on',
      state(settings.pkce),
      state(observed.pkceRefusedWithoutChallenge),
      'An authorize request without a challenge',
      MANDATE,
      PKCE_AGAIN,
    ),
    row('Refresh token rotation', 'on', state(settings.rotation), state(observed.newRefreshTokenAtRefresh), 'The latest refresh', MANDATE),
    // A token that works after a long rest proves that there is no limit; a shorter rest proves nothing.
    row(
      '30-day idle limit',
      'on',
      state(settings.idleLimit),
      rest !== undefined && rest > 31 ? 'off' : 'unknown',
      'A refresh after a long rest',
      IDLE,
    ),
    row(
      'IP allowlist',
      'on',
      state(ranges && ranges.length > 0),
      state(observed.refusedFromOtherAddress),
      'A request from another address',
      ALLOWLIST,
    ),
    row(
      'Refresh tokens outlive the session',
      'advised',
      state(settings.refreshTokens && settings.refreshTokens.policy !== 'zero'),
      state(observed.refreshTokenPolicyType === undefined ? undefined : observed.refreshTokenPolicyType !== 'Zero'),
      'The policy in the org',
      SETTINGS,
    ),
    row(
      'Secret for the web server flow',
      'advised',
      state(settings.secretForWebServerFlow),
      state(observed.secretRequiredForWebServerFlow),
      'An exchange without the secret',
      MANDATE,
    ),
    row(
      'Secret for refreshing',
      'advised',
      state(settings.secretForRefreshFlow),
      state(observed.secretRequiredForRefresh),
      'A refresh without the secret',
      MANDATE,
    ),
    row(
      'Distribution is local',
      'advised',
      state(settings.distribution && settings.distribution === 'Local'),
      state(observed.distributionState === undefined ? undefined : observed.distributionState === 'Local'),
      'The app in the org',
      SETTINGS,
    ),
  ]
}

const PKCE_AGAIN = 'Some orgs switch PKCE on again after a deployment that switched it off.'

function state(value: boolean | undefined): MandateState {
  return value === undefined ? 'unknown' : value ? 'on' : 'off'
}

function row(
  control: string,
  required: MandateRow['required'],
  deployed: MandateState,
  observed: MandateState,
  looked: string,
  docs: string,
  whenOnAfterAll = '',
): MandateRow {
  const verdict = verdictOf(deployed, observed)
  const sentences = [
    deployed === 'unknown' ? 'The deployed setting is not known.' : `The deployed setting is ${deployed}.`,
    observed === 'unknown' ? 'Nothing that was seen tells.' : `${looked} says ${observed}.`,
    verdict === 'contradiction' && observed === 'on' ? whenOnAfterAll : '',
    verdict === 'contradiction' ? 'Retrieve the app again, and look in Setup.' : '',
  ]
  return { control, required, deployed, observed, verdict, evidence: sentences.filter((sentence) => sentence !== '').join(' '), docs }
}

function verdictOf(deployed: MandateState, observed: MandateState): MandateRow['verdict'] {
  if (deployed !== 'unknown' && observed !== 'unknown' && deployed !== observed) return 'contradiction'
  const known = observed === 'unknown' ? deployed : observed
  return known === 'unknown' ? 'cannot tell' : known === 'on' ? 'met' : 'not met'
}
