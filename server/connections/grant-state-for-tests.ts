/** What tests of a refresh look at afterwards: the grant's row, the open issues, what a caller gets. */
import { sql } from 'kysely'
import { expect } from 'vitest'
import { openIssuesOf } from '#issues/open-issues-of.ts'
import type { LiveConnection } from './connection.ts'
import type { Node } from './node-for-tests.ts'

export interface GrantState {
  version: number
  failures: number
  broken_at: Date | null
  cooldown_until: Date | null
  refresh_started_at: Date | null
  lease_until: Date | null
  lease_holder: string | null
}

export async function grantStateOf(node: Node, live: LiveConnection): Promise<GrantState> {
  const { rows } = await sql<GrantState>`select * from "grant" where id = ${live.grant!.id}`.execute(node.db.kysely)
  return rows[0]!
}

export async function issuesOn(node: Node, live: LiveConnection) {
  return (await openIssuesOf(node.db.kysely, [live.connection.id])).get(live.connection.id) ?? []
}

/** As a caller would: found anew, then freshened. */
export async function freshOn(node: Node, live: LiveConnection) {
  return node.connections.fresh(await node.connections.findById(live.connection.environmentId, live.connection.id))
}

/** Seconds; fewer if this machine took its time. */
export function upTo(seconds: number): unknown {
  return expect.toSatisfy((value: number) => value > 0 && value <= seconds)
}
