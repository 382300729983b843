import Check from 'lucide-react/icons/check'
import Minus from 'lucide-react/icons/minus'
import { roles, scopesOfRole } from '@hawser/api/roles.ts'
import type { PeopleScope } from '@hawser/api/roles.ts'
import type { Scope } from '@hawser/api/scopes.ts'
import { Panel } from '../../ui/panel.tsx'
import { ROLE_NAMES } from '../account/role-words.ts'

/** What people ask about; each row is told by one scope, so that the table cannot say what the server does not do. */
const ROWS: readonly (readonly [what: string, scope: Scope | PeopleScope])[] = [
  ['See connections, integrations, logs and webhooks', 'environment:connections:read'],
  ['Send customers connect links', 'environment:connect_sessions:write'],
  ['Read the audit trail', 'environment:audit:read'],
  ['Change integrations and connections, freeze them', 'environment:connections:update'],
  ['Call providers', 'environment:proxy'],
  ['Make API keys and tokens, change settings', 'environment:api_keys:write'],
  ['Revoke what customers granted', 'environment:connections:delete'],
  ['Show secrets and tokens, after proving who they are', 'environment:connections:read_credentials'],
  ['Invite and remove people, make environments', 'people:write'],
]

export function RolesTable() {
  return (
    <Panel
      title="What each role may do"
      about="An owner is one for every environment. The other roles are given for one environment, or for all of them."
    >
      <div
        tabIndex={0}
        role="region"
        aria-label="Roles"
        className="relative overflow-x-auto focus-visible:outline-2 focus-visible:outline-ring"
      >
        <table className="w-full min-w-[34rem] text-sm">
          <thead>
            <tr className="border-b border-line text-left">
              <th scope="col" className="py-2 pr-4 font-medium">
                <span className="sr-only">What</span>
              </th>
              {roles.map((role) => (
                <th key={role} scope="col" className="px-3 py-2 text-center font-medium">
                  {ROLE_NAMES[role]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ROWS.map(([what, scope]) => (
              <tr key={what} className="border-b border-line last:border-0">
                <th scope="row" className="py-2 pr-4 text-left font-normal">
                  {what}
                </th>
                {roles.map((role) => {
                  const Icon = scopesOfRole[role].includes(scope) ? Check : Minus
                  return (
                    <td key={role} className="px-3 py-2 text-center">
                      <Icon aria-hidden="true" className={`mx-auto size-4 ${Icon === Check ? 'text-good' : 'text-soft'}`} />
                      <span className="sr-only">{Icon === Check ? 'yes' : 'no'}</span>
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  )
}
