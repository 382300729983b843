import { useState } from 'react'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { DiagnosisView } from './diagnosis-view.tsx'
import type { IssueGroup } from './grouped-issues.ts'
import { IssueRow } from './issue-row.tsx'
import { actorWords } from './issue-words.ts'
import type { Grouping } from './issues-query.ts'

const FIRST_ROWS = 10
const number = new Intl.NumberFormat()

export function IssueGroupPanel({ group, by }: { group: IssueGroup; by: Grouping }) {
  const [isWhole, setWhole] = useState(false)
  const { issues, title } = group
  const shared = by === 'kind' ? group.diagnosis : undefined
  const shown = isWhole ? issues : issues.slice(0, FIRST_ROWS)
  const actor = by === 'kind' ? issues[0]?.diagnosis?.actor : undefined
  return (
    <Panel
      title={
        <>
          {title} <span className="font-normal text-soft tabular-nums">{number.format(issues.length)}</span>
        </>
      }
      actions={actor && !shared && <Badge>{actorWords[actor][0]}</Badge>}
    >
      {shared && (
        <div className="mb-2 border-b border-line pb-4">
          <DiagnosisView diagnosis={shared} />
        </div>
      )}
      <ul className="divide-y divide-line">
        {shown.map((issue) => (
          <IssueRow
            key={issue.id}
            issue={issue}
            hidesTitle={by === 'kind'}
            hidesIntegration={by === 'integration'}
            hidesDiagnosis={shared !== undefined}
          />
        ))}
      </ul>
      {issues.length > shown.length && (
        <Button size="small" onClick={() => setWhole(true)}>
          Show all {number.format(issues.length)}
        </Button>
      )}
    </Panel>
  )
}
