import type { ReactNode } from 'react'

/** The ground around the card: the page, or in an iframe a veil over the customer's page. A press beside the card closes only the latter. */
export function Frame({ onOutside, children }: { onOutside: (() => void) | undefined; children: ReactNode }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions, jsx-a11y/click-events-have-key-events -- Escape and the close button do the same
    <div
      className="frame flex min-h-dvh flex-col p-2 pt-[max(0.5rem,min(6vh,4rem))] pb-6 sm:p-4 sm:pt-[min(6vh,4rem)]"
      onMouseDown={(event) => event.target === event.currentTarget && onOutside?.()}
    >
      {children}
    </div>
  )
}
