import type { AnchorHTMLAttributes } from 'react'
import { buttonStyle, type ButtonLook, type ButtonSize } from './button-style.ts'

interface ButtonLinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  look?: ButtonLook
  size?: ButtonSize
}

/** Leads somewhere and looks like a button. `target="_blank"` gets `rel="noopener noreferrer"`. */
export function ButtonLink({ look = 'plain', size = 'normal', className = '', children, ...rest }: ButtonLinkProps) {
  const safe = rest.target === '_blank' ? { rel: 'noopener noreferrer' } : {}
  return (
    <a {...safe} {...rest} className={`button ${buttonStyle(look, size, className)}`}>
      {children}
    </a>
  )
}
