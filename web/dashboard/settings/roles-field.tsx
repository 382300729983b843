import { useWorkplace } from '../shell/me.ts'
import { ROLE_NAMES } from '../account/role-words.ts'
import { CheckField } from '../../ui/check-field.tsx'
import { SelectField } from '../../ui/select-field.tsx'
import { PART_ROLES, type PartRole, type RolesDraft } from './roles-draft.ts'

const OPTIONS = PART_ROLES.map((role) => ({ value: role, label: ROLE_NAMES[role] }))

export function RolesField({ draft, onChange }: { draft: RolesDraft; onChange: (draft: RolesDraft) => void }) {
  const { me } = useWorkplace()
  // One that was deleted since may still be named.
  const environments = [...new Set([...me.environments.map(({ name }) => name), ...Object.keys(draft.own)])]
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-1 font-medium">Role</legend>
      <CheckField
        label="Owner"
        hint="Everything, everywhere; looks after people and environments."
        checked={draft.isOwner}
        onChange={(isOwner) => onChange({ ...draft, isOwner })}
      />
      {!draft.isOwner && (
        <>
          <SelectField
            id="role-everywhere"
            label="In every environment"
            value={draft.everywhere}
            onChange={(role) => onChange({ ...draft, everywhere: role as PartRole | '' })}
            options={[{ value: '', label: 'None' }, ...OPTIONS]}
          />
          {environments.map((name) => (
            <SelectField
              key={name}
              id={`role-in-${name}`}
              label={`In ${name}`}
              value={draft.own[name] ?? ''}
              onChange={(role) => {
                const { [name]: _, ...others } = draft.own
                onChange({ ...draft, own: role === '' ? others : { ...others, [name]: role as PartRole } })
              }}
              options={[
                { value: '', label: draft.everywhere === '' ? 'None' : `As everywhere: ${ROLE_NAMES[draft.everywhere]}` },
                ...OPTIONS,
              ]}
            />
          ))}
        </>
      )}
    </fieldset>
  )
}
