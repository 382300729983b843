import { useDeferredValue, useMemo, useState } from 'react'
import ChevronRight from 'lucide-react/icons/chevron-right'
import { SearchField } from '../../ui/search-field.tsx'
import { Card } from '../card.tsx'
import { categoriesOf, categoryName, choicesOf, FEW, found, type Choice } from '../choices.ts'
import { Logo } from '../logo.tsx'
import { useTexts } from '../words.tsx'
import { cardOf, type ScreenProps } from './common.ts'

const chip =
  'min-h-7 cursor-pointer rounded-full border border-line px-3 text-sm aria-pressed:border-transparent aria-pressed:bg-accent aria-pressed:text-on-accent focus-visible:outline-2 focus-visible:outline-offset-2 focus-visible:outline-ring'

export function ListScreen({ flow, known }: ScreenProps) {
  const { list } = useTexts()
  const [search, setSearch] = useState('')
  const [category, setCategory] = useState<string>()
  const choices = useMemo(() => choicesOf(known.allowed, known.providers), [known])
  const categories = useMemo(() => (choices.length > FEW ? categoriesOf(choices) : []), [choices])
  const wanted = useDeferredValue(search)
  const shown = found(choices, wanted).filter(({ provider }) => category === undefined || provider?.categories.includes(category))
  const isSearching = wanted.trim() !== '' || category !== undefined
  return (
    <Card screen="list" heading={list.heading} {...cardOf({ flow, known })}>
      {choices.length > FEW && <SearchField label={list.search} value={search} onChange={setSearch} />}
      {categories.length > 0 && (
        <div role="group" aria-label={list.groups} className="flex flex-wrap gap-1.5">
          {[undefined, ...categories].map((one) => (
            <button key={one ?? ''} type="button" aria-pressed={category === one} className={chip} onClick={() => setCategory(one)}>
              {one === undefined ? list.all : categoryName(one)}
            </button>
          ))}
        </div>
      )}
      <p aria-live="polite" className={isSearching ? 'text-sm text-soft' : 'sr-only'}>
        {isSearching && (shown.length === 0 ? list.noneFound : list.found(shown.length))}
      </p>
      <ul className={`-mx-2 flex flex-col ${choices.length > FEW ? 'min-h-80' : ''}`}>
        {shown.map((choice) => (
          <li key={choice.integration.unique_key}>
            <ChoiceButton choice={choice} onChoose={() => flow.choose(choice.integration.unique_key)} />
          </li>
        ))}
      </ul>
    </Card>
  )
}

function ChoiceButton({ choice: { integration, detail }, onChoose }: { choice: Choice; onChoose: () => void }) {
  return (
    <button
      type="button"
      className="flex min-h-14 w-full cursor-pointer items-center gap-3 rounded-lg px-2 py-2 text-left hover:bg-sunk focus-visible:outline-2 focus-visible:outline-ring"
      onClick={onChoose}
    >
      <Logo integration={integration} className="size-9" />
      <span className="min-w-0 flex-1 wrap-anywhere">
        <span className="block font-medium">{integration.display_name}</span>
        {detail && <span className="block text-sm text-soft">{detail}</span>}
      </span>
      <ChevronRight aria-hidden="true" className="size-4 shrink-0 text-soft" />
    </button>
  )
}
