import { CheckField } from '../../ui/check-field.tsx'
import { TextAreaField } from '../../ui/text-area-field.tsx'
import { draftFault, METHODS, type LimitsDraft } from './limits-draft.ts'

interface LimitsFieldsProps {
  draft: LimitsDraft
  onChange: (draft: LimitsDraft) => void
  /** Of one connection's token: only methods and paths. */
  callsOnly?: boolean
}

/** What is left empty restricts nothing. */
export function LimitsFields({ draft, onChange, callsOnly = false }: LimitsFieldsProps) {
  const fault = draftFault(draft)
  const set = (change: Partial<LimitsDraft>) => onChange({ ...draft, ...change })
  return (
    <details className="rounded-lg border border-line px-4 py-3">
      <summary className="cursor-pointer font-medium">
        Limits <span className="font-normal text-soft">(optional)</span>
      </summary>
      <div className="mt-3 flex flex-col gap-4">
        {!callsOnly && (
          <>
            <TextAreaField
              id="limit-integrations"
              label="Only these integrations"
              hint="Their keys, one a line."
              rows={2}
              value={draft.integrations}
              onChange={(integrations) => set({ integrations })}
            />
            <TextAreaField
              id="limit-connections"
              label="Only these connections"
              hint="Their ids, one a line."
              rows={2}
              value={draft.connections}
              onChange={(connections) => set({ connections })}
            />
            <TextAreaField
              id="limit-tags"
              label="Only connections with these tags"
              hint="team=billing, one a line. A connection must have all of them."
              rows={2}
              error={fault?.field === 'tags' ? fault.message : undefined}
              value={draft.tags}
              onChange={(tags) => set({ tags })}
            />
          </>
        )}
        <fieldset>
          <legend className="font-medium">Only these methods of proxied calls</legend>
          <div className="mt-1 flex flex-wrap gap-x-5 gap-y-1">
            {METHODS.map((method) => (
              <CheckField
                key={method}
                label={<span className="font-mono text-sm">{method}</span>}
                checked={draft.methods.includes(method)}
                onChange={(isOn) => set({ methods: isOn ? [...draft.methods, method] : draft.methods.filter((one) => one !== method) })}
              />
            ))}
          </div>
        </fieldset>
        <TextAreaField
          id="limit-paths"
          label="Only these paths of proxied calls"
          hint="One a line. * is one part, /* at the end everything below: /services/data/*"
          rows={2}
          error={fault?.field === 'paths' ? fault.message : undefined}
          value={draft.paths}
          onChange={(paths) => set({ paths })}
        />
      </div>
    </details>
  )
}
