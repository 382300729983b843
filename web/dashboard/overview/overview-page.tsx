import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { inputStyle } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Title } from '../../ui/title.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import { ApiUsage } from './api-usage.tsx'
import { ByIntegration } from './by-integration.tsx'
import { Charts } from './charts.tsx'
import { ConnectionFigures } from './connection-figures.tsx'
import { FrozenBanner } from './frozen-banner.tsx'
import { OpenIssues } from './open-issues.tsx'
import { hoursOf, overviewQuery, ranges, type Hours } from './overview-query.ts'

export function OverviewPage() {
  const hours = hoursOf(useSearch({ strict: false }) as Record<string, unknown>)
  const navigate = useNavigate()
  const { may, environment } = useWorkplace()
  const overview = useQuery(overviewQuery(hours))
  const { data } = overview
  return (
    <>
      <Title
        name="Overview"
        about={`How ${environment?.name ?? 'this environment'} is doing.`}
        actions={
          <RangeChoice
            hours={hours}
            onChange={(next) => void navigate({ to: '/overview', search: { hours: Number(next) } as never, replace: true })}
          />
        }
      />
      <div className="flex flex-col gap-5">
        {may('environment:settings:read') && <FrozenBanner />}
        <ErrorNotice error={overview.error} />
        <ConnectionFigures connections={data?.connections} issues={data?.issues.open} />
        {may('environment:connections:list') && <OpenIssues total={data?.issues.open} />}
        {data && data.activity.dropped > 0 && (
          <Notice tone="warn">
            {data.activity.dropped.toLocaleString()} entries of the log are missing in this time: the database did not take them fast
            enough. The figures on this page count them all the same.
          </Notice>
        )}
        <Charts overview={data} hours={hours} />
        <div className="grid gap-5 xl:grid-cols-2">
          <ByIntegration rows={data?.connections.by_integration} />
          <ApiUsage rows={data?.api_usage} />
        </div>
      </div>
    </>
  )
}

function RangeChoice({ hours, onChange }: { hours: Hours; onChange: (hours: Hours) => void }) {
  return (
    <select
      aria-label="Time"
      className={`${inputStyle} w-auto! text-sm`}
      value={hours}
      onChange={(event) => onChange(event.target.value as Hours)}
    >
      {ranges.map((range) => (
        <option key={range.hours} value={range.hours}>
          {range.label}
        </option>
      ))}
    </select>
  )
}
