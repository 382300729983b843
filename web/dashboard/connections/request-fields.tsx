import { Field, inputStyle } from '../../ui/field.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { PLAIN_EXAMPLE, type RequestDraft, type RequestExample } from './request-examples.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const

interface RequestFieldsProps {
  draft: RequestDraft
  examples: readonly RequestExample[]
  onChange: (draft: RequestDraft) => void
}

export function RequestFields({ draft, examples, onChange }: RequestFieldsProps) {
  const change = (changed: Partial<RequestDraft>) => onChange({ ...draft, ...changed })
  return (
    <>
      <Field id="example" label="Start from">
        {(input) => (
          <select {...input} className={inputStyle} onChange={(event) => onChange(examples[Number(event.target.value)] ?? PLAIN_EXAMPLE)}>
            {examples.map(({ label }, index) => (
              <option key={label} value={index}>
                {label}
              </option>
            ))}
          </select>
        )}
      </Field>
      <div className="grid gap-4 sm:grid-cols-[8rem_minmax(0,1fr)]">
        <Field id="method" label="Method">
          {(input) => (
            <select {...input} className={inputStyle} value={draft.method} onChange={(event) => change({ method: event.target.value })}>
              {METHODS.map((method) => (
                <option key={method}>{method}</option>
              ))}
            </select>
          )}
        </Field>
        <TextField id="path" label="Path" className="font-mono text-sm!" value={draft.path} onChange={(path) => change({ path })} />
      </div>
      <Field id="headers" label="Headers" note="one a line">
        {(input) => (
          <textarea
            {...input}
            rows={2}
            spellCheck={false}
            placeholder="Accept: application/json"
            className={`${inputStyle} font-mono text-sm`}
            value={draft.headers}
            onChange={(event) => change({ headers: event.target.value })}
          />
        )}
      </Field>
      {draft.method !== 'GET' && draft.method !== 'HEAD' && (
        <Field id="body" label="Body">
          {(input) => (
            <textarea
              {...input}
              rows={6}
              spellCheck={false}
              className={`${inputStyle} font-mono text-sm`}
              value={draft.body}
              onChange={(event) => change({ body: event.target.value })}
            />
          )}
        </Field>
      )}
    </>
  )
}
