import { Button } from '../../ui/button.tsx'
import { Card } from '../card.tsx'
import type { Flow } from '../flow.ts'
import type { Known } from '../screen.ts'
import type { OpenedWith } from '../opened-with.ts'
import { useTexts } from '../words.tsx'
import { cardOf } from './common.ts'

interface PlainScreenProps {
  at: 'expired' | 'incomplete' | 'trouble' | 'nothing' | 'leaving' | 'thanks'
  flow: Flow
  known?: Known
  opening: OpenedWith
}

/** A heading and a sentence, and nothing to do but for trying again. */
export function PlainScreen({ at, flow, known, opening }: PlainScreenProps) {
  const texts = useTexts()
  const words = {
    expired: { heading: texts.expired.heading, said: opening.embedded ? texts.expired.saidEmbedded : texts.expired.said },
    incomplete: texts.incomplete,
    trouble: texts.trouble,
    nothing: texts.nothing,
    leaving: texts.leaving,
    thanks: { heading: texts.admin.thanks, said: texts.admin.thanksSaid },
  }[at]
  const tone = at === 'trouble' ? 'bad' : at === 'thanks' ? 'good' : undefined
  return (
    <Card screen={at} {...words} {...(known ? cardOf({ flow, known }) : { onClose: flow.close })} {...(tone ? { tone } : {})}>
      {at === 'trouble' && (
        <Button look="primary" size="large" onClick={flow.restart}>
          {texts.tryAgain}
        </Button>
      )}
    </Card>
  )
}
