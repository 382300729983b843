export type ButtonLook = 'primary' | 'plain' | 'quiet' | 'danger'
export type ButtonSize = 'small' | 'normal' | 'large'

const LOOKS: Record<ButtonLook, string> = {
  primary: 'border-transparent bg-accent text-on-accent hover:brightness-110',
  plain: 'border-line bg-card text-ink hover:bg-sunk',
  quiet: 'border-transparent text-ink hover:bg-sunk',
  danger: 'border-transparent bg-bad text-card hover:brightness-110',
}

// 24 px is the smallest target of WCAG 2.2 (2.5.8); fingers like the large one.
const SIZES: Record<ButtonSize, string> = {
  small: 'min-h-7 px-2.5 py-0.5 text-sm',
  normal: 'min-h-9 px-3.5 py-1.5 text-sm',
  large: 'min-h-11 px-4 py-2 text-base',
}

const BASE =
  'inline-flex items-center justify-center gap-2 rounded-lg border text-center font-medium no-underline transition-[background-color,filter] motion-reduce:transition-none ' +
  'focus-visible:outline-2 focus-visible:outline-offset-2 focus-visible:outline-ring'

/** What a button and a link that looks like one have in common. */
export function buttonStyle(look: ButtonLook, size: ButtonSize, more = ''): string {
  return `${BASE} ${LOOKS[look]} ${SIZES[size]} ${more}`
}
