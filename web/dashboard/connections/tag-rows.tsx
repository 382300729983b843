import X from 'lucide-react/icons/x'
import { Button } from '../../ui/button.tsx'
import { inputStyle } from '../../ui/field.tsx'

export interface TagRow {
  name: string
  value: string
}

const MOST_TAGS = 10
const NAME = /^[a-zA-Z][a-zA-Z0-9_\-./]{0,63}$/

/** As the API takes them; rows that are empty do not count. */
export function tagsFrom(rows: readonly TagRow[]): { tags: Record<string, string>; problem: string | undefined } {
  const filled = rows
    .map(({ name, value }) => ({ name: name.trim(), value: value.trim() }))
    .filter(({ name, value }) => name !== '' || value !== '')
  const wrong = filled.find(({ name }) => !NAME.test(name))
  const names = filled.map(({ name }) => name.toLowerCase())
  return {
    tags: Object.fromEntries(filled.map(({ name, value }) => [name, value])),
    problem: wrong
      ? 'A tag’s name starts with a letter; then letters, digits and _ - . / may follow.'
      : filled.some(({ value }) => value === '')
        ? 'A tag has no value.'
        : new Set(names).size < names.length
          ? 'A tag is there twice.'
          : filled.length > MOST_TAGS
            ? `At most ${MOST_TAGS} tags are possible.`
            : undefined,
  }
}

interface TagRowsProps {
  rows: readonly TagRow[]
  problem: string | undefined
  isReadOnly: boolean
  onChange: (rows: TagRow[]) => void
}

export function TagRows({ rows, problem, isReadOnly, onChange }: TagRowsProps) {
  const set = (at: number, changed: Partial<TagRow>) => onChange(rows.map((row, index) => (index === at ? { ...row, ...changed } : row)))
  return (
    <fieldset className="flex flex-col gap-2" aria-describedby="tags-problem">
      <legend className="mb-1 font-medium">Tags</legend>
      {rows.length === 0 && <p className="text-sm text-soft">None.</p>}
      {rows.map((row, index) => (
        // eslint-disable-next-line react/no-array-index-key -- rows have no other identity while they are edited
        <div key={index} className="flex items-center gap-2">
          <input
            aria-label={`Name of tag ${index + 1}`}
            value={row.name}
            readOnly={isReadOnly}
            className={`${inputStyle} text-sm`}
            onChange={(event) => set(index, { name: event.target.value })}
          />
          <input
            aria-label={`Value of tag ${index + 1}`}
            value={row.value}
            readOnly={isReadOnly}
            className={`${inputStyle} text-sm`}
            onChange={(event) => set(index, { value: event.target.value })}
          />
          {!isReadOnly && (
            <Button
              size="small"
              look="quiet"
              aria-label={`Remove tag ${index + 1}`}
              onClick={() => onChange(rows.filter((_, at) => at !== index))}
            >
              <X aria-hidden="true" className="size-4" />
            </Button>
          )}
        </div>
      ))}
      <p id="tags-problem" aria-live="polite" className="text-sm text-bad">
        {problem}
      </p>
      {!isReadOnly && rows.length < MOST_TAGS && (
        <div>
          <Button size="small" onClick={() => onChange([...rows, { name: '', value: '' }])}>
            Add a tag
          </Button>
        </div>
      )}
    </fieldset>
  )
}
