/** What the failures of a deployment mean. */
import { diagnoseDeployError } from '@hawser/salesforce/errors/find-diagnosis.ts'
import { wordsOf } from './org-api.ts'
import type { DeployProblem } from './sf-cli.ts'

/** The flag for the headless flow; orgs whose own switch is off may refuse it (?). Salesforce's wording is unknown, so names are looked for. */
const CODE_AND_CREDENTIALS = /isCodeCredFlowEnabled|code\s*(and|&)\s*credentials?\s*flow|authorization code and credentials/i

export function refusesCodeAndCredentials(problems: readonly DeployProblem[]): boolean {
  return problems.length > 0 && problems.every((problem) => CODE_AND_CREDENTIALS.test(problem.message))
}

export function diagnoseDeploy({ message }: DeployProblem): string[] {
  const row = diagnoseDeployError(message)
  return row ? wordsOf(row) : []
}
