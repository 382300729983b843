/** Deploys by the Metadata API over REST: one multipart request, then questions until it is done. */
import { randomBytes } from 'node:crypto'
import { diagnoseDeploy } from './deploy-problems.ts'
import type { Org } from './org-api.ts'
import { OrgFailure, plain } from './org-api.ts'
import type { DeployResult } from './sf-cli.ts'
import type { World } from './world.ts'

const POLL_MS = 2_000
const MOST_POLLS = 300

interface DeployAnswer {
  id?: string
  deployResult?: {
    status?: string
    done?: boolean
    success?: boolean
    errorMessage?: string | null
    details?: { componentFailures?: Failure | Failure[]; componentSuccesses?: Failure | Failure[] }
  }
}
interface Failure {
  componentType?: string
  fullName?: string
  problem?: string | null
  problemType?: string | null
  warning?: boolean
}

/** `checkOnly` validates in the org and changes nothing. Throws `OrgFailure` when Salesforce does not take the request at all. */
export async function deployZipTo(world: World, org: Org, zip: Uint8Array, { checkOnly }: { checkOnly: boolean }): Promise<DeployResult> {
  const deployOptions = {
    checkOnly,
    rollbackOnError: true,
    singlePackage: true,
    ignoreWarnings: true,
    testLevel: 'NoTestRun',
    purgeOnDelete: false,
  }
  const started = await org.call<DeployAnswer>({
    method: 'POST',
    path: 'metadata/deployRequest',
    body: multipart({ deployOptions }, zip),
    doing: checkOnly ? 'trying the deployment' : 'deploying the app',
  })
  const { id } = started
  if (typeof id !== 'string' || !/^0Af\w{12}(\w{3})?$/.test(id))
    throw new OrgFailure('Deploying the app failed: Salesforce gave no deployment id.', { status: 200 })
  for (let polls = 0; polls < MOST_POLLS; polls++) {
    const { deployResult } = await org.call<DeployAnswer>({
      path: `metadata/deployRequest/${id}?includeDetails=true`,
      doing: 'asking how the deployment goes',
    })
    if (deployResult?.done === true) return resultOf(id, deployResult)
    await world.sleep(POLL_MS)
  }
  throw new OrgFailure(
    `The deployment ${id} is not done after ${(POLL_MS * MOST_POLLS) / 60_000} minutes.\n  Do:  See Setup → Deployment Status, then run the same command again.`,
    { status: 200 },
  )
}

function resultOf(id: string, result: NonNullable<DeployAnswer['deployResult']>): DeployResult {
  const failures = listOf(result.details?.componentFailures)
  if (result.success === true)
    return { ok: true, id, warnings: [...failures, ...listOf(result.details?.componentSuccesses)].flatMap((one) => one.problem ?? []) }
  const problems = failures.map(({ componentType, fullName, problem }) => ({
    ...(fullName ? { component: fullName } : {}),
    ...(componentType ? { type: componentType } : {}),
    message: problem ?? 'no reason given',
  }))
  return { ok: false, problems, message: result.errorMessage ?? `The deployment ended as ${result.status ?? 'failed'}.` }
}

/** One failure comes as an object, several as a list. */
function listOf(value: Failure | Failure[] | undefined): Failure[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value]
}

function multipart(json: unknown, zip: Uint8Array): { type: string; bytes: Uint8Array } {
  const boundary = `hawser-${randomBytes(16).toString('hex')}`
  const head = [
    `--${boundary}`,
    'Content-Disposition: form-data; name="json"',
    'Content-Type: application/json',
    '',
    JSON.stringify(json),
    `--${boundary}`,
    'Content-Disposition: form-data; name="file"; filename="app.zip"',
    'Content-Type: application/zip',
    '',
    '',
  ].join('\r\n')
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    bytes: Buffer.concat([Buffer.from(head), zip, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  }
}

/** The failure of a deployment in sentences, each problem with what the doctor knows of it. */
export function deployFailure({ problems, message }: Extract<DeployResult, { ok: false }>): OrgFailure {
  const lines = problems.slice(0, 20).flatMap((problem) => {
    const where = [problem.type, problem.component].filter(Boolean).join(' ')
    return [`  - ${where ? `${plain(where)}: ` : ''}${plain(problem.message)}`, ...diagnoseDeploy(problem).map((line) => `  ${line}`)]
  })
  return new OrgFailure(
    [`The org refused the deployment, and nothing of it was kept. ${problems.length === 0 ? plain(message) : ''}`.trim(), ...lines].join(
      '\n',
    ),
    {
      status: 200,
    },
  )
}
