import { useEffect } from 'react'
import { Button } from '../../ui/button.tsx'
import { ButtonLink } from '../../ui/button-link.tsx'
import { Spinner } from '../../ui/spinner.tsx'
import { sessionLink } from '../authorise.ts'
import { Card } from '../card.tsx'
import { ExplainError } from '../explain-error.tsx'
import type { Screen } from '../screen.ts'
import { isSalesforce } from '../load-page.ts'
import { useTexts } from '../words.tsx'
import { cardOf, type ScreenProps } from './common.ts'

const POLL_MS = 2000

export function WaitingScreen({ flow, known, opening, screen }: ScreenProps & { screen: Extract<Screen, { at: 'waiting' }> }) {
  const { waiting } = useTexts()
  const { key, url, window: state } = screen
  const integration = flow.integrationOf(key)
  useLooking(flow.look, state !== 'open')
  const said = { open: waiting.said, unsure: waiting.unsure, closed: waiting.closed }[state]
  // From an iframe the whole tab must go: a provider's page refuses to be framed.
  const here = sessionLink(known.token, { integration: key, ...(opening.lang === undefined ? {} : { lang: opening.lang }) })
  return (
    <Card
      screen="waiting"
      heading={waiting.heading}
      icon={<Spinner className="size-6 shrink-0 text-link" />}
      said={said}
      {...cardOf({ flow, known })}
      onBack={() => flow.choose(key)}
    >
      {state === 'unsure' ? (
        <ButtonLink href={url} target="_blank" look="primary" size="large">
          {waiting.open}
        </ButtonLink>
      ) : (
        <Button look={state === 'closed' ? 'primary' : 'plain'} size="large" onClick={flow.openAgain}>
          {waiting.again}
        </Button>
      )}
      <ButtonLink href={here} target="_top" referrerPolicy="no-referrer" look="quiet">
        {waiting.here}
      </ButtonLink>
      {integration && isSalesforce(integration) && <ExplainError flow={flow} known={known} integration={integration} />}
    </Card>
  )
}

/** Asks now and then whether something has happened. It ends with the session. */
export function useLooking(look: () => Promise<void>, isOn: boolean): void {
  useEffect(() => {
    if (!isOn) return
    let timer: ReturnType<typeof setTimeout>
    let isOver = false
    const next = () => {
      timer = setTimeout(() => {
        void look().finally(() => {
          if (!isOver) next()
        })
      }, POLL_MS)
    }
    next()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [look, isOn])
}
