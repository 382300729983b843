/**
 * Staged rotation of consumer key and secret without an interruption (Connect REST API 65; eca-metadata.md §5.3, V). Nothing but the two worlds is
 * looked at, so after a crash the same question gives the step that was not done. What the facts say and the order leans on: a staged set is not
 * accepted before it is promoted, the one before stays valid for 30 days, and one set can be staged at a time.
 */
export type RotationWorld = {
  /** The app's consumers as `/apps/oauth/credentials/{app}` and `…/staged` tell them. */
  org: readonly { consumerId: string; key: string; state: 'Active' | 'Staged' | 'Rotated' | 'Expired' }[]
  /** Which credential sets Hawser stores; it signs with the active one, and retired ones are what it can fall back to. */
  hawser: readonly { clientId: string; state: 'active' | 'staged' | 'retired' }[]
  /** A refresh with Hawser's active set has succeeded since it became the active one. May be lost in a crash. */
  confirmed?: boolean
  /** The key that this rotation is to replace. Without it, a world in which a rotation has just ended is one that is done. */
  replace?: string
}

export type RotationStep =
  /** POST …/staged, with the body `{}` (an absent one hangs, V-obs). */
  | { step: 'stage' }
  /** GET its key and secret and store them beside the active set, before anything depends on them. */
  | { step: 'keep staged in Hawser'; consumerId: string; key: string }
  /** PATCH …/staged/{id} with `{"command":"rotate"}`. */
  | { step: 'promote in the org'; consumerId: string; key: string }
  | { step: 'promote in Hawser'; key: string }
  | { step: 'confirm by a refresh'; key: string }
  | { step: 'forget the old'; keys: string[] }
  /** What Hawser keeps as staged is gone from the org (30 days): it would never work. */
  | { step: 'forget the staged'; keys: string[] }
  | { step: 'done'; key: string }
  | { step: 'a person must look'; why: string }

/** The step that is next. Each can be repeated safely, as long as the worlds are read anew before. */
export function nextRotationStep(world: RotationWorld): RotationStep {
  const [orgActive, secondActive] = world.org.filter(({ state }) => state === 'Active')
  const [active, secondInUse] = world.hawser.filter(({ state }) => state === 'active')
  if (!orgActive) return look('The org names no active consumer of this app. Look whether the app still exists.')
  if (secondActive) return look('The app has several consumers. Say which one Hawser uses; the others need a rotation of their own.')
  if (!active) return look('Hawser stores no active credentials. Put key and secret of the app into Hawser first.')
  if (secondInUse) return look('Hawser stores two active sets of credentials. Keep one.')
  const staged = world.hawser.filter(({ state }) => state === 'staged')
  const retired = world.hawser.filter(({ state }) => state === 'retired').map(({ clientId }) => clientId)
  if (staged.length > 1) return look('Hawser stores two staged sets of credentials. Keep the one that the org has.')
  const current = world.org.find(({ key }) => key === active.clientId)?.state
  const inHand = staged[0]?.clientId

  if (current === 'Active') {
    // The rotation before is ended first: promoting once more would make the org forget what is still stored here.
    if (retired.length > 0)
      return world.confirmed === true ? { step: 'forget the old', keys: retired } : { step: 'confirm by a refresh', key: active.clientId }
    return inHand === undefined ? stepWithoutStaged(world, active.clientId) : stepWithStaged(world, inHand)
  }
  if (current === 'Rotated') {
    // Promoted in the org already, by the step before a crash or by somebody in Setup.
    if (inHand === orgActive.key) return { step: 'promote in Hawser', key: inHand }
    if (inHand !== undefined) return { step: 'forget the staged', keys: [inHand] }
    return { step: 'keep staged in Hawser', consumerId: orgActive.consumerId, key: orgActive.key }
  }
  if (current === 'Staged')
    return look('Hawser uses credentials that the org has only staged. Promote them in the org, or put the active ones into Hawser.')
  return look('The org does not accept the key that Hawser uses. Put key and secret of the app into Hawser again.')
}

function stepWithStaged({ org }: RotationWorld, key: string): RotationStep {
  const found = org.find((consumer) => consumer.key === key)
  return found?.state === 'Staged'
    ? { step: 'promote in the org', consumerId: found.consumerId, key }
    : { step: 'forget the staged', keys: [key] }
}

function stepWithoutStaged({ org, replace }: RotationWorld, inUse: string): RotationStep {
  const staged = org.find(({ state }) => state === 'Staged')
  if (staged) return { step: 'keep staged in Hawser', consumerId: staged.consumerId, key: staged.key }
  const ended = replace === undefined ? org.some(({ state }) => state === 'Rotated') : inUse !== replace
  return ended ? { step: 'done', key: inUse } : { step: 'stage' }
}

function look(why: string): RotationStep {
  return { step: 'a person must look', why }
}
