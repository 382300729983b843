import { titleOf, type Diagnosis, type Issue } from './issue-words.ts'
import type { Grouping } from './issues-query.ts'

export interface IssueGroup {
  key: string
  title: string
  issues: Issue[]
  /** Where all of them say the same in the same words: shown once. */
  diagnosis: Diagnosis | undefined
}

/** The largest group first; issues keep their order. By kind: what has the same diagnosis belongs together. */
export function groupedIssues(issues: readonly Issue[], by: Grouping): IssueGroup[] {
  const keyOf = (issue: Issue) => (by === 'integration' ? issue.provider_config_key : `${issue.kind}/${issue.diagnosis?.code ?? ''}`)
  const groups = Map.groupBy(issues, keyOf)
  return [...groups]
    .map(([key, members]) => {
      const first = members[0]!
      const told = new Set(members.map(({ diagnosis }) => diagnosis && JSON.stringify([diagnosis.code, diagnosis.cause, diagnosis.fix])))
      return {
        key,
        title: by === 'integration' ? key : titleOf(first),
        issues: members,
        // What was seen is each one’s own.
        diagnosis: told.size === 1 && first.diagnosis ? { ...first.diagnosis, evidence: {} } : undefined,
      }
    })
    .toSorted((one, other) => other.issues.length - one.issues.length)
}
