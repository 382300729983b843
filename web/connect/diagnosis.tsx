import { Button } from '../ui/button.tsx'
import { ButtonLink } from '../ui/button-link.tsx'
import type { Flow } from './flow.ts'
import type { Known } from './screen.ts'
import type { Diagnosis, Integration } from './server.ts'
import { ADMIN_CODES, installLinkOf, OWN_APP_CODES } from './what-helps.ts'
import { WithExamples } from './with-examples.tsx'
import { useServerLang, useTexts } from './words.tsx'

interface HelpProps {
  flow: Flow
  known: Known
  diagnosis: Diagnosis
  /** Undefined: unknown. */
  integration: Integration | undefined
  /** What else there is to press. */
  children?: React.ReactNode
}

/** Whom to ask, where the app is installed, and the other ways on. */
export function DiagnosisHelp({ flow, known, diagnosis, integration, children }: HelpProps) {
  const { failed } = useTexts()
  const install = installLinkOf(diagnosis, integration)
  const isForAdmin = diagnosis.actor === 'customer_admin' || ADMIN_CODES.includes(diagnosis.code)
  const own = integration === undefined ? undefined : known.ownApps.get(integration.unique_key)
  const mayUseOwn = own !== undefined && own.need !== 'none' && OWN_APP_CODES.includes(diagnosis.code)
  return (
    <>
      {isForAdmin && <p>{failed.askAdmin}</p>}
      <div className="flex flex-col gap-2 empty:hidden">
        {children}
        {install !== undefined && (
          <ButtonLink href={install} target="_blank" look={children ? 'plain' : 'primary'} size="large">
            {failed.install}
          </ButtonLink>
        )}
        {isForAdmin && integration && (
          <Button size="large" onClick={() => flow.toHandOver(integration.unique_key, diagnosis.code)}>
            {failed.sendToAdmin}
          </Button>
        )}
        {mayUseOwn && integration && (
          <Button size="large" onClick={() => flow.toOwnApp(integration.unique_key)}>
            {failed.useOwnApp}
          </Button>
        )}
      </div>
    </>
  )
}

/** For engineers and administrators: the server's words, in English. */
export function DiagnosisDetails({ diagnosis: { code, title, cause, fix } }: { diagnosis: Diagnosis }) {
  const { failed } = useTexts()
  const serverLang = useServerLang()
  return (
    <details className="text-sm">
      <summary className="cursor-pointer rounded-sm text-soft focus-visible:outline-2 focus-visible:outline-ring">{failed.details}</summary>
      <div {...serverLang} className="mt-2 flex flex-col gap-2 wrap-anywhere">
        <p>
          {title}. <WithExamples text={cause} />
        </p>
        <ol className="list-decimal pl-5">
          {fix.map((step) => (
            <li key={step}>
              <WithExamples text={step} />
            </li>
          ))}
        </ol>
        <p>
          <code className="rounded-sm bg-sunk px-1 font-mono">{code}</code>
        </p>
      </div>
    </details>
  )
}
