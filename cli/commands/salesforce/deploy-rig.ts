/** One app a test: a folder, a name, an integration's key, and what became of them. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { App } from '@hawser/fake-salesforce/state.ts'
import { startRig, type Ran, type Rig } from './salesforce-rig.ts'

export const KEY = `3MVG9${'a'.repeat(80)}`
export const SECRET = 'ABCDEF0123456789'.repeat(4)

export interface DeployScene {
  rig: Rig
  number: number
  /** Of the integration. */
  key: string
  /** Goes on to another app, folder and integration. */
  next(): void
  folderNow(): string
  deploy(...words: string[]): Promise<Ran>
  deployed(org?: string): App | undefined
  integration(key: string): Promise<{ provider: string; client_id: string | null }>
  /** No secret on any stream, and none in the folder. */
  expectSilent(ran: Ran, ...secrets: string[]): Promise<void>
  /** Nothing is written before every check has passed: no folder, no app. */
  expectRefused(sentence: RegExp, ...words: string[]): Promise<void>
}

export async function startDeployScene(): Promise<DeployScene> {
  const rig = await startRig()
  const scene: DeployScene = {
    rig,
    number: 0,
    key: 'k0',
    next() {
      scene.number += 1
      scene.key = `k${scene.number}`
      rig.deployments = []
      rig.answers = []
      rig.questions = []
      for (const org of rig.server.fake.state.orgs.values()) org.ecaSecretRest = true
    },
    folderNow: () => join(rig.folder, `app-${scene.number}`),
    deploy(...words) {
      const named = existsSync(scene.folderNow()) ? [] : ['--name', `Sync ${scene.number}`, '--contact-email', 'ops@acme.example']
      return rig.run('salesforce', 'app', 'deploy', scene.folderNow(), ...named, ...words)
    },
    deployed: (org = 'acme-uat') =>
      [...rig.server.fake.state.apps.values()].find((app) => app.label === `Sync ${scene.number}` && app.orgKey === org && !app.deleted),
    async integration(key) {
      const headers = { authorization: `Bearer ${rig.server.apiKey}` }
      const answer = await fetch(`${rig.server.url}/integrations/${key}?include=credentials`, { headers })
      const { data } = (await answer.json()) as { data: { provider: string; credentials: { client_id: string } | null } }
      return { provider: data.provider, client_id: data.credentials?.client_id ?? null }
    },
    async expectSilent(ran, ...secrets) {
      const all = [ran.out, ran.err, await rig.written()].join('\n')
      const hidden = [...rig.server.fake.state.apps.values()].flatMap((app) => app.consumers.map(({ secret }) => secret))
      for (const value of [...secrets, ...hidden, ...rig.server.fake.state.accessTokens.keys()])
        expect(value !== '' && all.includes(value)).toBe(false)
    },
    async expectRefused(sentence, ...words) {
      const ran = await scene.deploy(...words, '--integration', scene.key)
      expect(ran.failed).toBe(true)
      expect(ran.err).toMatch(sentence)
      expect(existsSync(scene.folderNow())).toBe(false)
      expect(rig.deployments).toEqual([])
      for (const org of rig.server.fake.state.orgs.keys()) expect(scene.deployed(org)).toBeUndefined()
    },
  }
  return scene
}
