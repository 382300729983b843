import { useState, type ReactNode } from 'react'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { TextField } from './text-field.tsx'

interface TypedNameDialogProps {
  isOpen: boolean
  onClose: () => void
  title: string
  /** Has to be typed before the button works. */
  name: string
  /** Of the button: "Delete the connection". */
  action: string
  isBusy: boolean
  onConfirm: () => void
  /** What will be lost, and what failed. */
  children: ReactNode
}

/** Before something that cannot be undone. */
export function TypedNameDialog({ isOpen, onClose, title, name, action, isBusy, onConfirm, children }: TypedNameDialogProps) {
  const [typed, setTyped] = useState('')
  const close = () => {
    setTyped('')
    onClose()
  }
  const isRight = typed === name
  return (
    <Dialog
      isOpen={isOpen}
      onClose={close}
      title={title}
      actions={
        <>
          <Button onClick={close}>Keep it</Button>
          <Button look="danger" busy={isBusy} unavailable={isRight ? undefined : 'Type the name first.'} onClick={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (isRight && !isBusy) onConfirm()
        }}
      >
        {children}
        <TextField
          id="typed-name"
          label={
            <>
              Type <code className="font-mono break-all">{name}</code> to confirm
            </>
          }
          value={typed}
          onChange={setTyped}
        />
      </form>
    </Dialog>
  )
}
