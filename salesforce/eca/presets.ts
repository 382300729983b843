import { checkAppOptions, FLOWS } from './app-options.ts'
import type { AppContext, AppOptions, CheckedAppOptions, Flow, OptionFinding } from './app-options.ts'

export type PresetName = 'as-guide' | 'hardened' | 'partner-mandate'

type Settings = Omit<AppOptions, 'label' | 'apiName' | 'contactEmail' | 'callbackUrls'>

export type Preset = { name: PresetName; title: string; /** What choosing it costs, in one sentence. */ costs: string; settings: Settings }

const ALL_FLOWS_OFF = Object.fromEntries(FLOWS.map((flow) => [flow, false])) as Record<Flow, boolean>

// Every switch that exists in DEFAULT_API_VERSION: one that is left out goes back to the platform's default at each deployment.
const EVERYTHING_WRITTEN: Settings = {
  distribution: 'Local',
  scopes: ['api', 'refresh_token'],
  flows: ALL_FLOWS_OFF,
  pkce: true,
  secretForWebServerFlow: true,
  secretForRefreshFlow: true,
  rotation: true,
  idleLimit: false,
  refreshTokens: { policy: 'infinite' },
  requiredSessionLevel: 'STANDARD',
  ipRelaxation: 'Enforce',
  permittedUsers: 'AllSelfAuthorized',
  extras: {
    codeCredentialsPostOnly: false,
    introspectAllTokens: false,
    secretForTokenExchange: true,
    clientCredentialsPolicy: false,
    guestCodeCredentialsPolicy: false,
    tokenExchangePolicy: false,
  },
}

export const presets: readonly Preset[] = [
  {
    name: 'as-guide',
    title: 'As the setup guide says',
    costs:
      'It allows the Authorization Code and Credentials Flow, which connections do not need, and leaves the settings it does not name to the org.',
    settings: {
      distribution: 'Local',
      scopes: ['api', 'refresh_token'],
      flows: { clientCredentials: false, codeAndCredentials: true, device: false },
      pkce: true,
      secretForWebServerFlow: true,
      secretForRefreshFlow: true,
      refreshTokens: { policy: 'infinite' },
      requiredSessionLevel: 'STANDARD',
      ipRelaxation: 'Enforce',
      permittedUsers: 'AllSelfAuthorized',
    },
  },
  {
    name: 'hardened',
    title: 'Hardened',
    costs:
      'Refresh tokens rotate, so an answer that is lost on its way, or another program that uses the same token, ends the connection until a person connects again.',
    settings: EVERYTHING_WRITTEN,
  },
  {
    name: 'partner-mandate',
    title: 'As Salesforce demands of partners',
    costs:
      'Beside what hardened costs, a connection that is not used for 30 days ends, and Hawser may call out only from the addresses listed: a new address has to be added before it is used.',
    settings: { ...EVERYTHING_WRITTEN, idleLimit: true },
  },
]

export function presetByName(name: string): Preset | undefined {
  return presets.find((preset) => preset.name === name)
}

/** What a caller says on top of a preset; `flows` and `extras` are added member by member, anything else replaces. */
export type AppOverrides = { [Key in keyof AppOptions]?: AppOptions[Key] | undefined }

/** Checks the preset together with what is given. `partner-mandate` refuses when one of its four controls would be missing. */
export function applyPreset(name: PresetName, overrides: AppOverrides, context: AppContext = {}): CheckedAppOptions {
  const preset = presetByName(name)
  if (!preset) throw new Error('unknown preset')
  const given = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined)) as Partial<AppOptions>
  const merged: Record<string, unknown> = { description: defaultDescription(given.label), ...preset.settings, ...given }
  if (!Array.isArray(given.flows)) merged['flows'] = { ...preset.settings.flows, ...given.flows }
  if (preset.settings.extras || given.extras) merged['extras'] = { ...preset.settings.extras, ...given.extras }
  const checked = checkAppOptions(merged, context)
  const missing = name === 'partner-mandate' ? missingControls(merged) : []
  if (missing.length === 0) return checked
  return { ok: false, problems: [...(checked.ok ? [] : checked.problems), ...missing], warnings: checked.warnings }
}

function defaultDescription(label: unknown): string | undefined {
  return typeof label === 'string' && label.trim() !== '' ? `${label.trim()} integration` : undefined
}

// ISVforce guide, "Secure Your Connected Apps and External Client Apps" (V).
function missingControls(merged: Record<string, unknown>): OptionFinding[] {
  const missing = (['pkce', 'rotation', 'idleLimit'] as const)
    .filter((field) => merged[field] !== true)
    .map((field): OptionFinding => ({
      field,
      reason: 'Salesforce demands this of partners.',
      fix: 'Leave it on, or take another preset.',
      confidence: 'V',
    }))
  const ranges = merged['tokenIpRanges']
  if (!Array.isArray(ranges) || ranges.length === 0) {
    const fix = 'List the public addresses that Hawser calls out from.'
    missing.push({
      field: 'tokenIpRanges',
      reason: 'Salesforce demands an IP allowlist for refresh tokens of partners.',
      fix,
      confidence: 'V',
    })
  }
  return missing
}
