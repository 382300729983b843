import { useEffect, useId, useRef, type ReactNode } from 'react'
import X from 'lucide-react/icons/x'

interface DialogProps {
  isOpen: boolean
  /** Called by Escape, by the close button, and by a press outside. */
  onClose: () => void
  title: ReactNode
  closeLabel?: string
  /** Buttons at its foot. */
  actions?: ReactNode
  children: ReactNode
}

/** The browser's own `<dialog>`: it traps the focus, gives it back, and lies above everything. */
export function Dialog({ isOpen, onClose, title, closeLabel = 'Close', actions, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    if (isOpen && !dialog.current?.open) dialog.current?.showModal()
    else if (!isOpen) dialog.current?.close()
  }, [isOpen])
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      className="m-auto max-h-[calc(100dvh-2rem)] w-[min(34rem,calc(100vw-2rem))] rounded-xl border border-line bg-card p-0 text-ink backdrop:bg-black/50"
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      {isOpen && (
        <div className="flex flex-col gap-4 p-5">
          <header className="flex items-start justify-between gap-3">
            <h2 id={heading} className="text-lg font-semibold">
              {title}
            </h2>
            <button
              type="button"
              aria-label={closeLabel}
              className="-m-1.5 cursor-pointer rounded-lg p-1.5 text-soft hover:bg-sunk hover:text-ink focus-visible:outline-2 focus-visible:outline-ring"
              onClick={onClose}
            >
              <X aria-hidden="true" className="size-5" />
            </button>
          </header>
          <div>{children}</div>
          {actions && <footer className="flex flex-wrap justify-end gap-2">{actions}</footer>}
        </div>
      )}
    </dialog>
  )
}
