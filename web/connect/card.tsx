import { useEffect, useRef, type ReactNode } from 'react'
import ArrowLeft from 'lucide-react/icons/arrow-left'
import X from 'lucide-react/icons/x'
import { Notice, type Tone } from '../ui/notice.tsx'
import { useTexts } from './words.tsx'

interface CardProps {
  /** Another name is another screen: the heading takes the focus. */
  screen: string
  heading: string
  /** Stands before the heading. */
  icon?: ReactNode
  /** Announced by screen readers when it comes; stands below the heading. */
  said?: ReactNode
  tone?: Tone | undefined
  onBack?: (() => void) | undefined
  onClose?: (() => void) | undefined
  /** The customer's logo, as a data URL. */
  logo?: string | null | undefined
  watermark?: boolean | undefined
  isBusy?: boolean
  children?: ReactNode
}

const PRODUCT = 'Hawser'
const corner =
  'flex min-h-9 cursor-pointer items-center gap-1.5 rounded-lg px-2 text-sm text-soft hover:bg-sunk hover:text-ink focus-visible:outline-2 focus-visible:outline-ring'

/** The one card that every screen is. The live region is there from the start, so that screen readers watch it. */
export function Card({ screen, heading, icon, said, tone, onBack, onClose, logo, watermark, isBusy = false, children }: CardProps) {
  const texts = useTexts()
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = heading
  }, [heading])
  useEffect(() => title.current?.focus(), [screen])
  return (
    <main aria-busy={isBusy} className="mx-auto w-full max-w-md overflow-hidden rounded-2xl border border-line bg-card text-ink shadow-xl">
      {(onBack || onClose || logo) && (
        <div className="flex min-h-11 items-center gap-2 border-b border-line px-3 py-1.5">
          {onBack && (
            <button type="button" className={corner} onClick={onBack}>
              <ArrowLeft aria-hidden="true" className="size-4" />
              {texts.back}
            </button>
          )}
          {logo && <img src={logo} alt="" className="mx-2 h-7 max-w-40 object-contain" />}
          {onClose && (
            <button type="button" aria-label={texts.close} className={`${corner} ml-auto`} onClick={onClose}>
              <X aria-hidden="true" className="size-5" />
            </button>
          )}
        </div>
      )}
      <div className="flex flex-col gap-4 p-5 sm:p-6">
        <div className="flex items-center gap-3">
          {icon}
          <h1 id="title" ref={title} tabIndex={-1} className="min-w-0 text-xl font-semibold text-balance wrap-anywhere outline-none">
            {heading}
          </h1>
        </div>
        <div role="status" className={said ? '' : 'contents'}>
          {said && (tone ? <Notice tone={tone}>{said}</Notice> : <p className="text-soft">{said}</p>)}
        </div>
        {children}
        {watermark === true && <p className="text-center text-xs text-soft">{PRODUCT}</p>}
      </div>
    </main>
  )
}
