/** The staged rotation of an app's key and secret, driven by what the org and Hawser hold: after a crash at any step, running it again goes on. */
import { nextRotationStep, type RotationStep, type RotationWorld } from '@hawser/salesforce/eca/rotation-steps.ts'
import { reveal } from '#lib/secret.ts'
import { CommandFailure } from '../output.ts'
import { canaryOf, failureSentences, refreshOnce } from './canary.ts'
import { hasCode, type HawserServer } from './hawser-server.ts'
import type { Org } from './org-api.ts'
import type { AppInOrg } from './org-app.ts'
import {
  consumersOf,
  credentialsOf,
  rotate,
  stage,
  stagedIn,
  unstage,
  type Credentials,
  type StagedCredentials,
} from './org-credentials.ts'
import { shortened } from './paste-credentials.ts'
import type { World } from './world.ts'

export interface Rotation {
  world: World
  org: Org
  app: AppInOrg
  server: HawserServer
  integration: string
  /** The connection that confirms the new credentials; the newest that works unless named. */
  canary: string | undefined
  /** Rotate once more, although a rotation ended within the last 30 days. */
  again: boolean
}

export interface DoneStep {
  step: RotationStep['step']
  text: string
}

/** Both sides as they are now. `clients`: the sets of this app in Hawser, not those of another app that the integration had before. */
interface Look {
  world: RotationWorld
  activeConsumer: string
  staged: StagedCredentials[]
  clientRows: ReadonlyMap<string, string>
}

const MOST_STEPS = 20

/** Runs until there is nothing to do. `told` gets each step after it was done. Throws what stopped it; running again goes on from there. */
export async function runRotation(rotation: Rotation, told: (step: DoneStep) => void): Promise<DoneStep[]> {
  const first = await look(rotation, false, undefined)
  const replace = rotation.again ? activeKey(first) : undefined
  let confirmed = false
  const done: DoneStep[] = []
  for (let count = 0; count < MOST_STEPS; count++) {
    const seen = await look(rotation, confirmed, replace)
    const step = nextRotationStep(seen.world)
    const text = await doStep(rotation, seen, step)
    if (step.step === 'confirm by a refresh') confirmed = true
    done.push({ step: step.step, text })
    told({ step: step.step, text })
    if (step.step === 'done') return done
  }
  throw new CommandFailure(
    `The rotation is not over after ${MOST_STEPS} steps. Look at the app in Setup; both sets of credentials are kept.`,
  )
}

/** What would be done, without doing any of it. */
export async function plannedRotation(rotation: Rotation): Promise<RotationStep['step'][]> {
  const seen = await look(rotation, false, undefined)
  let world: RotationWorld = rotation.again ? { ...seen.world, replace: activeKey(seen) ?? '' } : seen.world
  const plan: RotationStep['step'][] = []
  for (let count = 0; count < MOST_STEPS; count++) {
    const step = nextRotationStep(world)
    if (step.step === 'a person must look') throw new CommandFailure(step.why)
    plan.push(step.step)
    if (step.step === 'done') break
    world = expected(world, step)
  }
  return plan
}

function activeKey({ world }: Look): string | undefined {
  return world.hawser.find(({ state }) => state === 'active')?.clientId
}

async function look({ org, app, server, integration }: Rotation, confirmed: boolean, replace: string | undefined): Promise<Look> {
  const [consumer, ...more] = await consumersOf(org, app)
  const staged = consumer ? await stagedIn(org, app, consumer.id) : []
  const clients = await server.client.listIntegrationClients(integration)
  const active = clients.find(({ state }) => state === 'active')
  const family = new Set([active?.id])
  // Sets are few; each pass finds the predecessor of one that is known.
  for (const _ of clients) for (const one of clients) if (family.has(one.id) && one.succeeds !== null) family.add(one.succeeds)
  const own = clients.filter((one) => one.state === 'staged' || family.has(one.id))
  return {
    world: {
      org: [
        ...[consumer, ...more].flatMap((one) => (one ? [{ consumerId: one.id, key: one.key, state: 'Active' as const }] : [])),
        ...staged.map(({ id, key, state }) => ({ consumerId: id, key, state })),
      ],
      hawser: own.map(({ client_id, state }) => ({ clientId: client_id, state })),
      confirmed,
      ...(replace === undefined ? {} : { replace }),
    },
    activeConsumer: consumer?.id ?? '',
    staged,
    clientRows: new Map(own.map(({ client_id, id }) => [client_id, id])),
  }
}

async function doStep(rotation: Rotation, seen: Look, step: RotationStep): Promise<string> {
  const { org, app, server, integration } = rotation
  switch (step.step) {
    case 'stage': {
      const { key } = await stage(org, app, seen.activeConsumer)
      return `The org made new credentials (${shortened(key)}) beside the present ones.`
    }
    case 'keep staged in Hawser': {
      const credentials = await inHand(rotation, seen, step.consumerId, step.key)
      await server.client.stageIntegrationClient(integration, { client_id: credentials.key, client_secret: reveal(credentials.secret) })
      return `Hawser keeps them beside the present ones.`
    }
    case 'promote in the org':
      await rotate(org, app, seen.activeConsumer, step.consumerId)
      return 'The org uses the new credentials; the former go on working for 30 days.'
    case 'promote in Hawser':
      await server.client.promoteIntegrationClient(integration)
      return 'Hawser signs with the new credentials.'
    case 'confirm by a refresh':
      return confirm(rotation)
    case 'forget the old':
      for (const key of step.keys) await forget(rotation, seen, key)
      return `Hawser has forgotten the former credentials (${step.keys.map(shortened).join(', ')}).`
    case 'forget the staged':
      await server.client.deleteStagedIntegrationClient(integration)
      return 'Hawser has forgotten staged credentials that the org no longer has.'
    case 'done':
      return `The org and Hawser use ${shortened(step.key)}.`
    case 'a person must look':
      throw new CommandFailure(`${step.why} Nothing more was changed.`)
  }
}

/** With the secret, which only the org knows after a crash. */
async function inHand({ org, app }: Rotation, seen: Look, consumer: string, key: string): Promise<Credentials> {
  const staged = seen.staged.find((one) => one.id === consumer && one.key === key)
  if (staged) {
    if (reveal(staged.secret)) return staged
    await unstage(org, app, seen.activeConsumer, staged.id)
    throw new CommandFailure(
      'The org does not show the staged secret any more, so what was staged was dropped. Run the command again: it stages anew.',
    )
  }
  const active = await credentialsOf(org, app)
  if ('refused' in active) throw active.refused
  return active
}

async function confirm({ server, integration, canary }: Rotation): Promise<string> {
  const found = await canaryOf(server.client, integration, canary)
  if (!found) {
    const [any] = await server.client.listConnections({ integrationId: integration, limit: 1 })
    if (!any) return 'No connection depends on it, so there is nothing to refresh.'
    throw new CommandFailure(
      'No connection works, so nothing can confirm the new credentials. Both sets are kept. Mend or name one (--canary), then run this again.',
    )
  }
  const result = await refreshOnce(server.client, integration, found)
  if (result.outcome !== 'survived')
    throw new CommandFailure(
      [`${found.connectionId} could not be refreshed. Both sets of credentials are kept.`, ...failureSentences(result.failure)].join('\n'),
    )
  const active = (await server.client.listIntegrationClients(integration)).find(({ state }) => state === 'active')
  // Hawser falls back to the former set: a refresh that needed it confirms nothing.
  if (active?.connections === 0)
    throw new CommandFailure(
      'The refresh worked with the former credentials only: Salesforce may not know the new ones everywhere yet. Both are kept; run this again in some minutes.',
    )
  return `${found.connectionId} was refreshed with the new credentials.`
}

async function forget({ server, integration }: Rotation, seen: Look, key: string): Promise<void> {
  const row = seen.clientRows.get(key)
  if (row === undefined) return
  try {
    await server.client.deleteIntegrationClient(integration, row)
  } catch (error) {
    if (!hasCode(error, 'client_in_use')) throw error
    throw new CommandFailure(
      `The former credentials ${shortened(key)} are still needed by a connection; they are kept, and the org takes them for 30 days. Run this again later.`,
    )
  }
}

/** What a step makes of the two worlds, for the plan alone. */
function expected(world: RotationWorld, step: RotationStep): RotationWorld {
  const { org, hawser } = world
  switch (step.step) {
    case 'stage':
      return { ...world, org: [...org, { consumerId: 'new', key: 'new', state: 'Staged' }] }
    case 'keep staged in Hawser':
      return { ...world, hawser: [...hawser, { clientId: step.key, state: 'staged' }] }
    case 'promote in the org':
      return {
        ...world,
        org: org.map((one) => ({ ...one, state: one.key === step.key ? 'Active' : one.state === 'Active' ? 'Rotated' : one.state })),
      }
    case 'promote in Hawser':
      return {
        ...world,
        hawser: hawser.map((one) => ({
          ...one,
          state: one.clientId === step.key ? 'active' : one.state === 'active' ? 'retired' : one.state,
        })),
      }
    case 'confirm by a refresh':
      return { ...world, confirmed: true }
    case 'forget the old':
    case 'forget the staged':
      return { ...world, hawser: hawser.filter(({ clientId }) => !step.keys.includes(clientId)) }
    default:
      return world
  }
}
