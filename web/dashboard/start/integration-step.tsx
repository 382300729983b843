import { Link } from '@tanstack/react-router'
import { buttonStyle } from '../../ui/button-style.ts'
import { SelectField } from '../../ui/select-field.tsx'
import type { Integration } from '../integrations/integrations-query.ts'
import { PRACTICE } from './practice.ts'
import { Step } from './step.tsx'

interface IntegrationStepProps {
  isCurrent: boolean
  integrations: readonly Integration[]
  chosen: Integration | undefined
  onChoose: (key: string) => void
}

export function IntegrationStep({ isCurrent, integrations, chosen, onChoose }: IntegrationStepProps) {
  return (
    <Step number={1} title="Choose what to connect" isDone={chosen !== undefined} isCurrent={isCurrent}>
      {!chosen && (
        <>
          <p>An integration is your app at one provider: its client id, its secret, its scopes. Begin with one.</p>
          <div>
            <Link to="/integrations/new" className={buttonStyle('primary', 'normal')}>
              Choose a provider
            </Link>
          </div>
        </>
      )}
      {chosen && integrations.length > 1 && (
        <SelectField
          id="start-integration"
          label="Integration"
          value={chosen.unique_key}
          onChange={onChoose}
          options={integrations.map(({ unique_key: key, display_name: name }) => ({ value: key, label: `${name} (${key})` }))}
        />
      )}
      {chosen?.unique_key === PRACTICE && (
        <p>
          The integration <code className="font-mono text-sm">{PRACTICE}</code> was made at the first start. It leads to an invented org on
          this machine that behaves like a Salesforce sandbox.
        </p>
      )}
      {chosen && chosen.unique_key !== PRACTICE && (
        <p>
          You use <code className="font-mono text-sm">{chosen.unique_key}</code>. Its{' '}
          <Link to="/integrations/$integration" params={{ integration: chosen.unique_key }} className="text-link underline">
            page
          </Link>{' '}
          says whether its app is set up.
        </p>
      )}
    </Step>
  )
}
