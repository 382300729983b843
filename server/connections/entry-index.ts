import type { LiveConnection } from './connection.ts'

/** Finds cached entries by what callers and announcements call them; every operation is a handful of map look-ups. */
export interface EntryIndex {
  uuidOf(environmentId: string, integrationKey: string, connectionId: string): string | undefined
  /** Entries (connection uuids) that hold anything of this row. */
  entriesOf(rowId: string): string[]
  /** The uuids of the rows that an entry was made of. */
  rowsOf(live: LiveConnection): string[]
  add(live: LiveConnection): void
  remove(live: LiveConnection): void
}

export function createEntryIndex(): EntryIndex {
  const names = new Map<string, string>()
  const byRow = new Map<string, Set<string>>()

  const rowsOf = ({ connection, integration, grant }: LiveConnection): string[] => [
    connection.id,
    integration.id,
    ...(grant ? [grant.id] : []),
    ...(grant?.oauthClientId ? [grant.oauthClientId] : []),
  ]

  return {
    uuidOf: (environmentId, integrationKey, connectionId) => names.get(nameOf(environmentId, integrationKey, connectionId)),
    entriesOf: (rowId) => [...(byRow.get(rowId) ?? [])],
    rowsOf,
    add(live) {
      const { id } = live.connection
      names.set(nameOfLive(live), id)
      for (const row of rowsOf(live)) {
        const entries = byRow.get(row)
        if (entries) entries.add(id)
        else byRow.set(row, new Set([id]))
      }
    },
    remove(live) {
      const { id } = live.connection
      const name = nameOfLive(live)
      if (names.get(name) === id) names.delete(name)
      for (const row of rowsOf(live)) {
        const entries = byRow.get(row)
        entries?.delete(id)
        if (entries?.size === 0) byRow.delete(row)
      }
    },
  }
}

// Neither a key nor a connection's id can hold a line break.
function nameOf(environmentId: string, integrationKey: string, connectionId: string): string {
  return `${environmentId}\n${integrationKey}\n${connectionId}`
}

function nameOfLive({ connection, integration }: LiveConnection): string {
  return nameOf(connection.environmentId, integration.uniqueKey, connection.connectionId)
}
