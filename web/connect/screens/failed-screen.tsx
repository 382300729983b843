import { Button } from '../../ui/button.tsx'
import { Card } from '../card.tsx'
import { DiagnosisDetails, DiagnosisHelp } from '../diagnosis.tsx'
import type { FailedResult } from '../server.ts'
import { canTryAgain } from '../what-helps.ts'
import { WithExamples } from '../with-examples.tsx'
import { useServerLang, useTexts } from '../words.tsx'
import { cardOf, type ScreenProps } from './common.ts'

export function FailedScreen({ flow, known, result }: ScreenProps & { result: FailedResult }) {
  const texts = useTexts()
  const serverLang = useServerLang()
  const { diagnosis, provider_config_key: key } = result
  const said = diagnosis ? (
    <span {...serverLang}>
      <WithExamples text={diagnosis.end_user_text} />
    </span>
  ) : (
    texts.failed.unknown
  )
  return (
    <Card screen="failed" heading={texts.failed.heading} said={said} tone="bad" {...cardOf({ flow, known })} onBack={flow.toList}>
      {diagnosis && (
        <>
          <DiagnosisHelp flow={flow} known={known} diagnosis={diagnosis} integration={flow.integrationOf(key)}>
            {canTryAgain(diagnosis) && (
              <Button look="primary" size="large" onClick={() => flow.tryAgain(key)}>
                {texts.tryAgain}
              </Button>
            )}
          </DiagnosisHelp>
          <DiagnosisDetails diagnosis={diagnosis} />
        </>
      )}
    </Card>
  )
}
