import { Button } from '../../ui/button.tsx'
import { ButtonLink } from '../../ui/button-link.tsx'
import { Card } from '../card.tsx'
import type { Screen } from '../screen.ts'
import { installLinkOf, OWN_APP_CODES } from '../what-helps.ts'
import { WithExamples } from '../with-examples.tsx'
import { useServerLang, useTexts } from '../words.tsx'
import { cardOf, type ScreenProps } from './common.ts'

/** What the administrator sees whom the person has sent the link. */
export function AdminScreen({ flow, known, screen }: ScreenProps & { screen: Extract<Screen, { at: 'admin' }> }) {
  const texts = useTexts()
  const serverLang = useServerLang()
  const { admin, failed } = texts
  const { key, diagnosis } = screen
  const integration = flow.integrationOf(key)
  const install = installLinkOf(diagnosis, integration)
  const own = known.ownApps.get(key)
  const mayUseOwn = own !== undefined && own.need !== 'none' && OWN_APP_CODES.includes(diagnosis.code)
  return (
    <Card screen="admin" heading={admin.heading} {...cardOf({ flow, known })}>
      <p className="text-soft">{admin.said(integration?.display_name ?? 'Salesforce')}</p>
      <section className="flex flex-col gap-1">
        <h2 className="font-semibold">{admin.whatHappened}</h2>
        <p {...serverLang} className="wrap-anywhere">
          {diagnosis.title}. <WithExamples text={diagnosis.cause} />
        </p>
      </section>
      <section className="flex flex-col gap-1">
        <h2 className="font-semibold">{admin.whatToDo}</h2>
        <ol {...serverLang} className="flex list-decimal flex-col gap-1 pl-5 wrap-anywhere">
          {diagnosis.fix.map((step) => (
            <li key={step}>
              <WithExamples text={step} />
            </li>
          ))}
        </ol>
      </section>
      <div className="flex flex-col gap-2">
        {install !== undefined && (
          <ButtonLink href={install} target="_blank" size="large">
            {failed.install}
          </ButtonLink>
        )}
        {mayUseOwn && (
          <Button size="large" onClick={() => flow.toOwnApp(key)}>
            {failed.useOwnApp}
          </Button>
        )}
        <Button look="primary" size="large" onClick={flow.adminIsDone}>
          {admin.done}
        </Button>
      </div>
      <div className="flex flex-col items-start gap-1 text-sm text-soft">
        <button type="button" className="cursor-pointer text-link underline" onClick={() => flow.choose(key)}>
          {admin.signIn}
        </button>
        <p>{admin.signInSaid}</p>
      </div>
    </Card>
  )
}
