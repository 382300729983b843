import { useEffect, useRef, useState } from 'react'
import { inputStyle } from './field.tsx'
import { SearchField } from './search-field.tsx'

interface TypedFilterProps {
  label: string
  placeholder?: string
  value: string | undefined
  onChange: (value: string | undefined) => void
  /** False: still being typed. */
  isWhole?: (text: string) => boolean
  isSearch?: boolean
  className?: string
}

const TYPING_MS = 250
const LONGEST = 200

/** Asks for nothing until the typing pauses. */
export function TypedFilter({
  label,
  placeholder = label,
  value = '',
  onChange,
  isWhole,
  isSearch = false,
  className = '',
}: TypedFilterProps) {
  const [typed, setTyped] = useState(value)
  const said = useRef(value)
  if (value !== said.current) {
    // Changed elsewhere: by "Clear", by the back button.
    said.current = value
    setTyped(value)
  }
  useEffect(() => {
    const next = typed.trim().slice(0, LONGEST)
    if (next === said.current || isWhole?.(next) === false) return
    const timer = setTimeout(() => {
      said.current = next
      onChange(next || undefined)
    }, TYPING_MS)
    return () => clearTimeout(timer)
  })
  if (isSearch)
    return (
      <SearchField
        label={label}
        placeholder={placeholder}
        value={typed}
        onChange={setTyped}
        className={`[&_input]:h-9.5 [&_input]:text-sm ${className}`}
      />
    )
  return (
    <input
      aria-label={label}
      placeholder={placeholder}
      value={typed}
      autoComplete="off"
      spellCheck={false}
      className={`${inputStyle} h-9.5 text-sm! ${className}`}
      onChange={(event) => setTyped(event.target.value)}
    />
  )
}
