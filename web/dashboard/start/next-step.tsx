import { Link } from '@tanstack/react-router'
import { buttonStyle } from '../../ui/button-style.ts'
import type { Integration } from '../integrations/integrations-query.ts'
import { Step } from './step.tsx'

export function NextStep({
  isCurrent,
  hasPractice,
  integration,
}: {
  isCurrent: boolean
  hasPractice: boolean
  integration: Integration | undefined
}) {
  return (
    <Step number={5} title={hasPractice ? 'Then: a real Salesforce sandbox' : 'Then'} isDone={false} isCurrent={isCurrent}>
      {hasPractice && (
        <>
          <p>
            Add the integration for sandboxes. Its page has the command that makes the External Client App in your org, checks it, and
            brings its client id and secret here.
          </p>
          <div>
            <Link to="/integrations/new" search={{ search: 'salesforce' } as never} className={buttonStyle('plain', 'normal')}>
              Add Salesforce
            </Link>
          </div>
        </>
      )}
      <ul className="list-disc space-y-1 pl-5">
        {integration && !hasPractice && (
          <li>
            <Link to="/integrations/new" className="text-link underline">
              Add another integration
            </Link>
          </li>
        )}
        <li>
          <Link to="/settings/branding" className="text-link underline">
            Give the Connect page your colours and your logo
          </Link>
        </li>
        <li>
          <Link to="/settings/environment" className="text-link underline">
            Let your server hear of new and broken connections
          </Link>
        </li>
        <li>
          <Link to="/settings/members" className="text-link underline">
            Invite the people you work with
          </Link>
        </li>
      </ul>
    </Step>
  )
}
