import type { Org, Row, State } from '../state.ts'
import { newConsumer } from './add-app.ts'
import { addUser } from './add-user.ts'
import { orgByKey } from './add-org.ts'
import { wipeAccess } from './end-access.ts'

export interface SandboxRefresh {
  /**
   * `wipe` (default): apps made in the sandbox are gone. `copy-from-source`: besides, the source org's connected apps arrive with their
   * consumer keys. `keep`: somebody deployed the same apps again.
   */
  apps?: 'wipe' | 'copy-from-source' | 'keep'
  /** How long the host answers 503 while the copy runs. */
  copyMs?: number
  instanceName?: string
}

/** Refreshes a sandbox: same host, new org id, everything issued before is void. Returns both org ids. */
export function sandboxRefresh(state: State, orgKey: string, options: SandboxRefresh = {}): { oldOrgId: string; newOrgId: string } {
  const org = orgByKey(state, orgKey)
  if (org.kind !== 'sandbox') throw new Error(`"${orgKey}" is no sandbox`)
  const oldOrgId = org.orgId
  wipeAccess(state, orgKey)
  org.orgId = state.ids.next('00D')
  const startedAt = state.clock.now()
  org.copyingUntil = startedAt + (options.copyMs ?? 0)
  org.copies = [...org.copies, { orgId: org.orgId, startedAt, endedAt: org.copyingUntil }]
  if (options.instanceName !== undefined) org.instanceName = options.instanceName
  if (options.apps !== 'keep') for (const app of [...state.apps.values()]) if (app.orgKey === orgKey) state.apps.delete(app.developerName)
  const source = org.sourceOrgKey === null ? undefined : state.orgs.get(org.sourceOrgKey)
  if (source !== undefined) copyFromSource(state, org, source, options.apps === 'copy-from-source')
  return { oldOrgId, newOrgId: org.orgId }
}

function copyFromSource(state: State, org: Org, source: Org, withApps: boolean): void {
  for (const user of [...state.users.values()]) if (user.orgKey === org.key) state.users.delete(user.username)
  for (const user of [...state.users.values()]) {
    if (user.orgKey !== source.key) continue
    addUser(state, { ...user, orgKey: org.key, username: `${user.username}.${org.sandboxName}`, email: `${user.email}.invalid` })
  }
  const copied = new Map<string, Row[]>()
  for (const [type, rows] of state.rows.get(source.key) ?? []) copied.set(type, structuredClone(rows))
  state.rows.set(org.key, copied)
  if (!withApps) return
  for (const app of [...state.apps.values()]) {
    if (app.orgKey !== source.key) continue
    const copy = structuredClone(app)
    copy.consumers = app.consumers.map((consumer) => ({
      ...newConsumer(state, consumer.key, consumer.secret),
      state: consumer.state,
      validUntil: consumer.validUntil,
    }))
    state.apps.set(`${app.developerName}.${org.key}`, { ...copy, orgKey: org.key, developerName: `${app.developerName}.${org.key}` })
  }
}
