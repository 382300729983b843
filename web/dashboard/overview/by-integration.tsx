import { Link } from '@tanstack/react-router'
import { Panel } from '../../ui/panel.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import type { Overview } from './overview-query.ts'

const number = new Intl.NumberFormat()
const SHOWN = 8

export function ByIntegration({ rows }: { rows: Overview['connections']['by_integration'] | undefined }) {
  return (
    <Panel
      title="By integration"
      actions={
        <Link to="/integrations" className="text-sm text-link underline">
          All integrations
        </Link>
      }
    >
      {rows === undefined ? (
        <Skeleton className="h-24" />
      ) : rows.length === 0 ? (
        <p className="text-sm text-soft">There is no connection yet.</p>
      ) : (
        <div role="region" aria-label="Connections by integration" tabIndex={0} className="overflow-x-auto">
          <table className="w-full text-sm">
            <thead className="text-left text-soft">
              <tr>
                <th className="py-1.5 pr-3 font-normal">Integration</th>
                <th className="px-3 text-right font-normal">Working</th>
                <th className="px-3 text-right font-normal">Attention</th>
                <th className="pl-3 text-right font-normal">Frozen</th>
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, SHOWN).map((row) => (
                <tr key={row.integration} className="border-t border-line">
                  <th scope="row" className="max-w-48 truncate py-2 pr-3 text-left font-medium">
                    <Link to="/integrations/$integration" params={{ integration: row.integration }} className="text-link hover:underline">
                      {row.integration}
                    </Link>
                  </th>
                  <td className="px-3 text-right tabular-nums">{number.format(row.ok)}</td>
                  <td className={`px-3 text-right tabular-nums ${row.broken > 0 ? 'font-medium text-bad' : 'text-soft'}`}>
                    {number.format(row.broken)}
                  </td>
                  <td className={`pl-3 text-right tabular-nums ${row.frozen > 0 ? 'font-medium text-warn' : 'text-soft'}`}>
                    {number.format(row.frozen)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  )
}
