import { environmentMismatch } from '../org.ts'
import { sandboxFindings } from '../sandbox-findings.ts'
import type { ErrorRow } from './error-row.ts'
import { allErrorRows, errorRowById } from './find-diagnosis.ts'
import { ownFindings } from './own-findings.ts'
import { signInChecks } from './sign-in-checks.ts'

type GuideRow = Omit<ErrorRow, 'match'>

// Its words depend on the two orgs; the guide shows the most frequent case.
const wrongKind = environmentMismatch('salesforce-sandbox', 'developer')?.row

/** Findings of our own checks: nothing that Salesforce says, so nothing to match. */
export const ownChecks: readonly GuideRow[] = [
  ...(wrongKind ? [wrongKind] : []),
  ...Object.values(signInChecks),
  ...Object.values(sandboxFindings),
  ...ownFindings,
]

/** Everything that `docs/guides/salesforce-errors.md` explains, each under its id. */
export const guideRows: readonly GuideRow[] = [...allErrorRows, ...ownChecks]

const ids: ReadonlySet<string> = new Set(guideRows.map(({ id }) => id))

export function guideAddressOf(id: string): string | null {
  return ids.has(id) ? `/guides/salesforce-errors#${id}` : null
}

export function guideRowById(id: string): GuideRow | undefined {
  return errorRowById(id) ?? ownChecks.find((row) => row.id === id)
}
