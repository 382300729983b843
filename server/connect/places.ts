/** A bounded number of places, shared fairly: when all are taken, whoever holds most gives up the oldest, so that no caller can keep the others out. */
export interface Places {
  /** Whether the caller may take a place now; `instead`: whose holder has to go for it. */
  offer(caller: string): { free: boolean; instead?: string }
  take(caller: string, id: string): void
  leave(caller: string, id: string): void
}

export function createPlaces(max: number): Places {
  /** Oldest first. */
  const held = new Map<string, Set<string>>()
  let taken = 0

  const leave = (caller: string, id: string) => {
    const ids = held.get(caller)
    if (!ids?.delete(id)) return
    taken -= 1
    if (ids.size === 0) held.delete(caller)
  }

  return {
    leave,
    take(caller, id) {
      held.set(caller, (held.get(caller) ?? new Set()).add(id))
      taken += 1
    },
    offer(caller) {
      if (taken < max) return { free: true }
      let most: { caller: string; ids: Set<string> } | undefined
      for (const [holder, ids] of held) if (!most || ids.size > most.ids.size) most = { caller: holder, ids }
      const oldest = most?.ids.values().next().value
      if (!most || oldest === undefined || most.ids.size <= (held.get(caller)?.size ?? 0)) return { free: false }
      leave(most.caller, oldest)
      return { free: true, instead: oldest }
    },
  }
}
