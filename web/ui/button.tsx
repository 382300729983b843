import { useId, type ButtonHTMLAttributes, type Ref } from 'react'
import { buttonStyle, type ButtonLook, type ButtonSize } from './button-style.ts'
import { Spinner } from './spinner.tsx'

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled'> {
  look?: ButtonLook
  size?: ButtonSize
  /** Under way: shows a spinner and takes no second press. Keeps the focus, which `disabled` would lose. */
  busy?: boolean
  /** Why it cannot be pressed now; shown as a tooltip and read out. The button stays reachable, so that the reason can be found. */
  unavailable?: string | undefined
  ref?: Ref<HTMLButtonElement>
}

export function Button({
  look = 'plain',
  size = 'normal',
  busy = false,
  unavailable,
  className = '',
  onClick,
  children,
  ...rest
}: ButtonProps) {
  const reason = useId()
  const isOff = busy || unavailable !== undefined
  return (
    <button
      type="button"
      {...rest}
      title={unavailable ?? rest.title}
      aria-disabled={isOff || undefined}
      aria-busy={busy || undefined}
      aria-describedby={unavailable === undefined ? rest['aria-describedby'] : reason}
      className={buttonStyle(look, size, `${isOff ? 'cursor-not-allowed opacity-70' : 'cursor-pointer'} ${className}`)}
      onClick={(event) => (isOff ? event.preventDefault() : onClick?.(event))}
    >
      {busy && <Spinner />}
      {children}
      {unavailable !== undefined && (
        // Hidden, so that it is the button's description and no part of its name.
        <span id={reason} hidden>
          {unavailable}
        </span>
      )}
    </button>
  )
}
