import type { Ref } from 'react'
import Search from 'lucide-react/icons/search'
import { inputStyle } from './field.tsx'

interface SearchFieldProps {
  /** Read out; there is no visible label. */
  label: string
  placeholder?: string
  value: string
  onChange: (value: string) => void
  className?: string
  ref?: Ref<HTMLInputElement>
}

export function SearchField({ label, placeholder = label, value, onChange, className = '', ref }: SearchFieldProps) {
  return (
    <div className={`relative ${className}`}>
      <Search aria-hidden="true" className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-soft" />
      <input
        ref={ref}
        type="search"
        aria-label={label}
        placeholder={placeholder}
        value={value}
        autoComplete="off"
        spellCheck={false}
        className={`${inputStyle} pl-9`}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  )
}
