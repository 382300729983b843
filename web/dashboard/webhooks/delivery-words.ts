/** How the dashboard calls webhooks and how they fare. */
import type { Reply } from '../api/call.ts'

export type Delivery = Reply<'listDeliveries'>['deliveries'][number]
export type WholeDelivery = Reply<'getDelivery'>['data']
export type DeliveryState = Delivery['state']

export const deliveryStates = ['waiting', 'delivered', 'given_up'] as const
export const stateWords: Record<DeliveryState, string> = { waiting: 'Waiting', delivered: 'Delivered', given_up: 'Given up' }
export const stateTones = { waiting: 'warn', delivered: 'good', given_up: 'bad' } as const

/** Without the code in front, which is for programs. */
export function errorText(lastError: string): string {
  return lastError.replace(/^[a-z][a-z0-9_-]*: /, '')
}

/** As the contract lists them (`api/webhooks.ts`), and the test. */
export const typeWords: Record<string, string> = {
  auth: 'Connection created, renewed or broken',
  'issue.opened': 'Issue opened',
  'issue.resolved': 'Issue resolved',
  'connection.sandbox_refreshed': 'Sandbox refreshed',
  'connection.deleted': 'Connection deleted',
  'connection.revocation_failed': 'Revocation failed',
  'webhook.test': 'Test',
}
