import { ButtonLink } from '../../ui/button-link.tsx'
import { CopyLine } from '../../ui/copy-line.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Spinner } from '../../ui/spinner.tsx'
import { sessionLink } from '../authorise.ts'
import { Card } from '../card.tsx'
import type { Screen } from '../screen.ts'
import { useLanguage, useTexts } from '../words.tsx'
import { cardOf, type ScreenProps } from './common.ts'
import { useLooking } from './waiting-screen.tsx'

/** The link resumes this very session in the administrator's browser; meanwhile this page looks whether they are done. */
export function HandOverScreen({ flow, known, screen }: ScreenProps & { screen: Extract<Screen, { at: 'hand-over' }> }) {
  const texts = useTexts()
  const language = useLanguage()
  const { handOver } = texts
  const { key, diagnosis } = screen
  useLooking(flow.look, true)
  const link = sessionLink(known.token, { view: 'admin', integration: key, ...(diagnosis === undefined ? {} : { diagnosis }) })
  const until = new Date(known.session.expires_at).toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit' })
  const mail = `mailto:?subject=${encodeURIComponent(handOver.mailSubject)}&body=${encodeURIComponent(handOver.mailBody(link))}`
  return (
    <Card screen="hand-over" heading={handOver.heading} {...cardOf({ flow, known })} onBack={() => flow.choose(key)}>
      <p className="text-soft">{handOver.said}</p>
      <div className="flex flex-col gap-1.5">
        <p className="font-medium">{handOver.link}</p>
        <CopyLine value={link} label={texts.copy} copiedLabel={texts.copied} failedLabel={texts.copyByHand} />
      </div>
      <ButtonLink href={mail} target="_top">
        {handOver.mail}
      </ButtonLink>
      <Notice tone="warn">
        {handOver.until(until)} {handOver.careful}
      </Notice>
      <p className="flex items-center gap-2 text-soft">
        <Spinner className="size-4 shrink-0" />
        {handOver.waiting}
      </p>
    </Card>
  )
}
