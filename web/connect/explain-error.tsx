import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Field, inputStyle } from '../ui/field.tsx'
import { DiagnosisDetails, DiagnosisHelp } from './diagnosis.tsx'
import type { Flow } from './flow.ts'
import type { Known } from './screen.ts'
import type { Diagnosis, Integration } from './server.ts'
import { WithExamples } from './with-examples.tsx'
import { useServerLang, useTexts } from './words.tsx'

/** As the endpoint takes it: `LONGEST_PASTE` of `api/doctor.ts`, in bytes; a character has up to three here. */
const LONGEST = 5000

type Answer = { diagnosis: Diagnosis } | { said: string }

/** For the errors that Salesforce shows on a page of its own: they never come back to us, so the person brings them. */
export function ExplainError({ flow, known, integration }: { flow: Flow; known: Known; integration: Integration }) {
  const texts = useTexts()
  const serverLang = useServerLang()
  const [text, setText] = useState('')
  const [answer, setAnswer] = useState<Answer>()
  const [error, setError] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const { pasted } = texts

  const explain = async () => {
    if (text.trim() === '') {
      setError(pasted.empty)
      document.getElementById('pasted')?.focus()
      return
    }
    setBusy(true)
    try {
      const { known: isKnown, diagnosis } = await known.server.explain(text.trim(), integration.unique_key)
      setAnswer(isKnown && diagnosis ? { diagnosis } : { said: pasted.unknown })
    } catch {
      setAnswer({ said: pasted.trouble })
    } finally {
      setBusy(false)
    }
  }
  return (
    <details className="pasted rounded-lg border border-line px-3 py-2 [&[open]]:pb-3">
      <summary className="cursor-pointer rounded-sm text-sm font-medium focus-visible:outline-2 focus-visible:outline-ring">
        {pasted.summary}
      </summary>
      <div className="mt-3 flex flex-col gap-3">
        <Field id="pasted" label={pasted.label} hint={pasted.hint} error={error}>
          {(input) => (
            <textarea
              {...input}
              rows={4}
              maxLength={LONGEST}
              autoComplete="off"
              spellCheck={false}
              value={text}
              className={inputStyle}
              onChange={(event) => {
                setText(event.target.value)
                setError(undefined)
              }}
            />
          )}
        </Field>
        <Button busy={isBusy} onClick={() => void explain()}>
          {pasted.explain}
        </Button>
        <div role="status" className="flex flex-col gap-3">
          {answer && 'said' in answer && <p>{answer.said}</p>}
          {answer && 'diagnosis' in answer && (
            <>
              <p {...serverLang}>
                <WithExamples text={answer.diagnosis.end_user_text} />
              </p>
              <DiagnosisHelp flow={flow} known={known} diagnosis={answer.diagnosis} integration={integration} />
              <DiagnosisDetails diagnosis={answer.diagnosis} />
            </>
          )}
        </div>
      </div>
    </details>
  )
}
