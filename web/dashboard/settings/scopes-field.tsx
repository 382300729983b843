import { useState } from 'react'
import type { Scope } from '@hawser/api/scopes.ts'
import { CheckField } from '../../ui/check-field.tsx'
import { useWorkplace } from '../shell/me.ts'
import { presets, scopeGroups, scopeText } from './scope-words.ts'

const NOT_YOURS = 'Your role lacks it, so no key of yours can have it.'

/** What the key may do: one of the usual sets, or scope by scope. */
export function ScopesField({ chosen, onChange }: { chosen: readonly Scope[]; onChange: (scopes: readonly Scope[]) => void }) {
  const { may } = useWorkplace()
  const [preset, setPreset] = useState(presets[0]!.value)
  const choices = [...presets, { value: 'own', name: 'Choose', about: 'Scope by scope.', scopes: chosen }]
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-1 font-medium">What it may do</legend>
      <div className="grid gap-2">
        {choices.map((choice) => (
          <label
            key={choice.value}
            className="flex cursor-pointer items-start gap-2.5 rounded-lg border border-line px-3 py-2 has-checked:border-accent has-checked:bg-sunk has-focus-visible:outline-2 has-focus-visible:outline-ring"
          >
            <input
              type="radio"
              name="preset"
              className="mt-1 size-4 shrink-0 accent-accent outline-none"
              checked={preset === choice.value}
              onChange={() => {
                setPreset(choice.value)
                onChange(choice.scopes.filter(may))
              }}
            />
            <span className="min-w-0">
              <span className="font-medium">{choice.name}</span> <span className="text-sm text-soft">{choice.about}</span>
            </span>
          </label>
        ))}
      </div>
      {preset === 'own' &&
        scopeGroups.map((group) => (
          <fieldset key={group.name} className="rounded-lg border border-line px-4 pb-3">
            <legend className="px-1 text-sm font-medium">{group.name}</legend>
            <div className="flex flex-col gap-1.5">
              {group.scopes.map((scope) => (
                <CheckField
                  key={scope}
                  label={scopeText(scope)}
                  unavailable={may(scope) ? undefined : NOT_YOURS}
                  checked={chosen.includes(scope)}
                  onChange={(isOn) => onChange(isOn ? [...chosen, scope] : chosen.filter((one) => one !== scope))}
                />
              ))}
            </div>
          </fieldset>
        ))}
    </fieldset>
  )
}
