import type { OAuthClient } from '#auth-modes/auth-mode.ts'
import type { Handler } from '#http/handler.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import type { Kit } from '../kit.ts'
import { diagnoseText } from './diagnose-text.ts'
import { probeIntegration } from './probe-integration.ts'

export interface DoctorDeps {
  kit: Pick<Kit, 'clock' | 'catalogue' | 'egress'>
  /** undefined: no integration has that key in the environment. */
  findIntegration(environmentId: string, key: string): Promise<StoredIntegration | undefined>
  /** The integration's active app; undefined: not set yet. */
  clientOf(integration: StoredIntegration): Promise<Pick<OAuthClient, 'clientId'> | undefined>
  /** The redirect URI: the environment's own, or the server's. */
  callbackUrlOf(environmentId: string): Promise<string>
}

export function createDoctor(deps: DoctorDeps): { handlers: Handler[] } {
  return { handlers: [diagnoseText(deps), probeIntegration(deps)] }
}
