import { Button } from '../../ui/button.tsx'
import { ButtonLink } from '../../ui/button-link.tsx'
import { Card } from '../card.tsx'
import { useTexts } from '../words.tsx'
import { cardOf, type ScreenProps } from './common.ts'

export function ConnectedScreen({ flow, known, opening }: ScreenProps) {
  const { connected } = useTexts()
  const back = opening.embedded ? undefined : backTo(known.session.return_url)
  const said = opening.embedded || back !== undefined ? connected.said : `${connected.said} ${connected.closePage}`
  return (
    <Card screen="connected" heading={connected.heading} said={said} tone="good" {...cardOf({ flow, known })}>
      {back !== undefined && (
        <ButtonLink look="primary" size="large" href={back}>
          {connected.done}
        </ButtonLink>
      )}
      {flow.close && (
        <Button look="primary" size="large" onClick={flow.close}>
          {connected.done}
        </Button>
      )}
    </Card>
  )
}

/** Where the customer's backend wants people to go on, with the mark that a redirect would bring (`server/connect/return-url.ts`). */
function backTo(address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined
  const url = new URL(address)
  url.searchParams.set('hawser_result', 'success')
  return /^https?:$/.test(url.protocol) ? url.href : undefined
}
