/**
 * Kills servers in the middle of refreshes, batch by batch: a server is brought to one step with each of many grants, then killed; its next life has to
 * put all of them right. Which grant is at which step comes from the seed.
 */
import { createRandom } from '@hawser/fake-salesforce/random.ts'
import { killSteps, type KillStep } from './kill-steps.ts'
import { addIntegrationTo, callProxy, forceRefresh, importGrant, openIssues, type KillWorld, type Outcome } from './kill-world.ts'
import { inTime, type ServerProcess } from './server-process.ts'

const SERVER = './server-entry.ts'
const STEP_DEADLINE_MS = 20_000
const START_DEADLINE_MS = 60_000
/** The lease of the killed server is over by then, the two minutes of an unknown outcome are not. */
const SOON_MS = 60_000
const LATER_MS = 140_000

/** One refresh that a kill has interrupted. */
interface Struck {
  name: string
  grantId: string
  step: KillStep
  /** The refresh token that was in use. */
  oldToken: string
  sentBefore: number
}

export interface KillReport {
  kills: number
  refreshes: number
  /** Grants that the provider still had at the end. */
  lived: number
  lost: number
  /** Each violation of what is promised, as a sentence. */
  wrongs: string[]
}

export interface KillRun {
  /** Kills a server with `refreshes` grants under way, restarts it, and judges. */
  strike(refreshes: number): Promise<void>
  /** The same, with all refreshes at once and the kill at a random moment within `withinMs` of their begin. */
  strikeAnywhere(refreshes: number, withinMs: number): Promise<void>
  report: KillReport
}

export interface KillRunOptions {
  /** The program that is killed; the real server if left out. */
  entry?: string
  steps?: readonly KillStep[]
  /** Names of connections whose loss was told, and how. */
  issues?: (databaseUrl: string) => Promise<Map<string, string>>
}

/** `seed` decides which grant is killed at which step, in which order, and how long it is until the next life. */
export async function createKillRun(
  world: KillWorld,
  seed: string,
  { entry = SERVER, steps = killSteps, issues = openIssues }: KillRunOptions = {},
): Promise<KillRun> {
  const report: KillReport = { kills: 0, refreshes: 0, lived: 0, lost: 0, wrongs: [] }
  const random = numbersFrom(seed)
  const grants = new Map<string, string>()
  let server = await world.start({ entry })
  let count = 0
  let deck: KillStep[] = []
  await addIntegrationTo(world.api(server), world.app)

  /** All steps come equally often, in an order that is the seed's. */
  const nextStep = (): KillStep => {
    if (deck.length === 0) deck = shuffled(steps, random)
    return deck.pop()!
  }
  const livingGrants = async (wanted: number): Promise<string[]> => {
    while (grants.size < wanted) {
      const name = `grant-${++count}`
      const { grantId, tokens } = world.newGrant()
      await importGrant(world.api(server), name, tokens)
      grants.set(name, grantId)
    }
    return shuffled([...grants.keys()], random).slice(0, wanted)
  }
  const struckAt = (name: string, step: KillStep): Struck => {
    const grantId = grants.get(name)!
    const oldToken = world.fake.state.grants.get(grantId)?.refreshToken ?? ''
    return { name, grantId, step, oldToken, sentBefore: 0 }
  }
  const restart = async (): Promise<void> => {
    await server.kill()
    report.kills += 1
    move(world, SOON_MS + (random(2) === 0 ? 0 : LATER_MS))
    server = await world.start({ entry })
    if (entry === SERVER) await spoolGoneThrough(server)
  }
  const judgeAll = async (struck: readonly Struck[], since: number): Promise<void> => {
    report.refreshes += struck.length
    report.wrongs.push(...(await judge(world, server, struck, { early: world.clockOffsetMs - since < LATER_MS, issues })))
    for (const { name, grantId } of struck) {
      if (world.fake.state.grants.has(grantId)) report.lived += 1
      else grants.delete(name)
    }
    report.lost = report.refreshes - report.lived
  }

  return {
    report,
    async strike(refreshes) {
      const struck: Struck[] = []
      for (const name of await livingGrants(refreshes)) {
        const one = struckAt(name, nextStep())
        await bringTo(world, server, one)
        struck.push(one)
      }
      for (const one of struck) one.sentBefore = timesSent(world, one.oldToken)
      const since = world.clockOffsetMs
      await restart()
      await judgeAll(struck, since)
    },
    async strikeAnywhere(refreshes, withinMs) {
      const struck = (await livingGrants(refreshes)).map((name) => struckAt(name, ANYWHERE))
      const calls = struck.map(({ name }) => forceRefresh(world.api(server), name))
      await new Promise((resolve) => setTimeout(resolve, random(withinMs)))
      const since = world.clockOffsetMs
      await restart()
      const answers = await Promise.all(calls)
      await judgeAll(struck, since)
      report.wrongs.push(...struck.flatMap((one, index) => handedOut(world, one, answers[index]!)))
    },
  }
}

/** Until then refreshes are answered with 503 and "in a second": a busy machine may take longer for it than the server waits before it listens. */
async function spoolGoneThrough(server: ServerProcess): Promise<void> {
  const until = performance.now() + START_DEADLINE_MS
  const signal = AbortSignal.timeout(START_DEADLINE_MS)
  const vault = async () => ((await (await fetch(`${server.url}/ready`, { signal })).json()) as { vault?: string }).vault
  while ((await vault()) === 'frozen') {
    if (performance.now() > until) throw new Error(`the vault is not live in time\n${server.logged()}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Nobody knows where it was: it lives, or an issue tells of it. */
const ANYWHERE: KillStep = { name: 'anywhere', at: 'answered', fate: 'lives', sentAgain: 1, rests: false }

async function bringTo(world: KillWorld, server: ServerProcess, { name, step }: Struck): Promise<void> {
  const api = world.api(server)
  if (step.at === 'answered') {
    const answer = await forceRefresh(api, name)
    if (answer === 'cut' || answer.status !== 200) throw new Error(`${name} was not refreshed: ${JSON.stringify(answer)}`)
    return
  }
  const reached = 'door' in step.at ? world.door.stopNext(step.at.door) : (await server.stopAt(step.at.point)).reached
  const call = forceRefresh(api, name)
  const early = call.then((answer) => {
    throw new Error(`"${step.name}" was never reached: ${JSON.stringify(answer)}\n${server.logged()}`)
  })
  early.catch(() => {})
  await inTime(Promise.race([reached, early]), STEP_DEADLINE_MS, () => `"${step.name}" was not reached in time\n${server.logged()}`)
}

/** Whoever was given a token may count on it: it was safe by then. */
function handedOut(world: KillWorld, { name, grantId }: Struck, answer: Outcome | 'cut'): string[] {
  const given = answer !== 'cut' && answer.status === 200
  return given && !world.fake.state.grants.has(grantId) ? [`${name}: its new token was handed out, and is lost`] : []
}

/** What the next life makes of it. `early`: within the two minutes in which a doubtful refresh token must rest. */
async function judge(
  world: KillWorld,
  server: ServerProcess,
  struck: readonly Struck[],
  { early, issues: issuesOf }: { early: boolean; issues: typeof openIssues },
): Promise<string[]> {
  const api = world.api(server)
  const wrongs: string[] = []
  const wrong = ({ name, step }: Struck, text: string): void => void wrongs.push(`${name}, killed ${step.name}: ${text}`)

  // At once and all together, as callers come when a server is back.
  const first = await Promise.all(struck.map(({ name }) => forceRefresh(api, name)))
  if (early) {
    struck.forEach((one, index) => {
      if (!one.step.rests || one.step.name === ANYWHERE.name) return
      if (timesSent(world, one.oldToken) > one.sentBefore) wrong(one, 'its refresh token was sent again within two minutes')
      if ((first[index] as { status?: number }).status === 200) wrong(one, 'a refresh was reported that cannot have been')
    })
    move(world, LATER_MS)
    await server.moveClock(LATER_MS)
  }
  const second = early ? await Promise.all(struck.map(({ name }) => forceRefresh(api, name))) : first
  const issues = await issuesOf(world.databaseUrl)
  for (const [index, one] of struck.entries()) {
    const answer = second[index]!
    const lives = world.fake.state.grants.has(one.grantId)
    const works =
      answer !== 'cut' && answer.status === 200 && world.fake.state.accessTokens.get(answer.accessToken ?? '')?.grantId === one.grantId
    const proxied = works ? await callProxy(server, world.apiKey, one.name) : 0
    const said = JSON.stringify(answer)
    if (one.step !== ANYWHERE && one.step.fate === 'lives' && !lives) wrong(one, `the provider has dropped the grant: ${said}`)
    if (lives && !works) wrong(one, `the grant lives, and does not work: ${said}`)
    if (works && proxied !== 200) wrong(one, `a proxied call was answered ${proxied}`)
    if (works && issues.has(one.name)) wrong(one, `it works, and an issue is open: ${issues.get(one.name)}`)
    if (!works && issues.get(one.name) !== 'interrupted_refresh') wrong(one, `it is lost, and no issue says so: ${said}`)
    const again = timesSent(world, one.oldToken) - one.sentBefore
    const allowed = one.step === ANYWHERE ? 2 : one.step.sentAgain
    if (again > allowed) wrong(one, `its old refresh token was sent ${again} times after the restart`)
  }
  return wrongs
}

function timesSent({ door }: KillWorld, token: string): number {
  return door.sent.filter((one) => one === token).length
}

function move(world: KillWorld, ms: number): void {
  world.clockOffsetMs += ms
  world.fake.advance(ms)
}

/** Whole numbers from 0 to below `limit`. */
function numbersFrom(seed: string): (limit: number) => number {
  const random = createRandom(seed)
  return (limit) => random(4).readUInt32BE() % limit
}

function shuffled<T>(all: readonly T[], random: (limit: number) => number): T[] {
  const left = [...all]
  return Array.from({ length: left.length }, () => left.splice(random(left.length), 1)[0]!)
}
