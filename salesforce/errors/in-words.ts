import type { Actor, Confidence } from './error-row.ts'

/** Who can end it, as a guide or a terminal says it to the engineer. */
export const actorWords: Record<Actor, string> = {
  developer: 'you, who build the integration',
  customer_admin: 'the administrator of the customer’s org',
  end_user: 'the person who connects',
  salesforce: 'Salesforce',
  provider: 'the provider',
  hawser: 'Hawser, or whoever runs it',
}

export const confidenceWords: Record<Confidence, string> = {
  V: 'verified in a named source',
  'V-obs': 'somebody saw it on a live org',
  M: 'commonly known, not verified',
  '?': 'unknown or contradictory',
}
