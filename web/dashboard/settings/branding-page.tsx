import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { CheckField } from '../../ui/check-field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { SelectField } from '../../ui/select-field.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { environmentQuery } from '../integrations/integrations-query.ts'
import { useWorkplace } from '../shell/me.ts'
import { ColourField, isColour } from './colour-field.tsx'
import { ConnectPreview } from './connect-preview.tsx'
import { LogoField } from './logo-field.tsx'
import { NotForYourRole } from './not-for-your-role.tsx'
import { SettingsFrame } from './settings-frame.tsx'
import { useSaveSettings, useSettingsRefusal, type EnvironmentSettings } from './use-save-settings.ts'

export type Look = EnvironmentSettings['connect_ui']

/** As `theme.css` has them: what the page wears while nothing is chosen. */
const OWN_COLOURS = { light: '#1d4f91', dark: '#8fbdf5' } as const

export function BrandingPage() {
  const { may } = useWorkplace()
  const mayRead = may('environment:settings:read')
  const settings = useQuery({ ...environmentQuery, enabled: mayRead })
  return (
    <SettingsFrame name="Connect page" about="How the page looks on which your customers connect their accounts.">
      {!mayRead && <NotForYourRole what="settings" who="Every role with access to an environment may read them." />}
      <ErrorNotice error={settings.error} />
      {mayRead && settings.isPending && <Skeleton className="h-[40rem]" />}
      {settings.data && <LookForm key={JSON.stringify(settings.data.connect_ui)} saved={settings.data.connect_ui} />}
    </SettingsFrame>
  )
}

function LookForm({ saved }: { saved: Look }) {
  const [look, setLook] = useState(saved)
  const save = useSaveSettings()
  const refusal = useSettingsRefusal()
  const set = (change: Partial<Look>) => setLook({ ...look, ...change })
  const isChanged = JSON.stringify(look) !== JSON.stringify(saved)
  const isWrong = [look.light_primary, look.dark_primary].some((colour) => colour !== null && !isColour(colour))
  return (
    <div className="grid gap-6 lg:grid-cols-[minmax(0,22rem)_minmax(0,1fr)]">
      <form
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault()
          if (isChanged && !isWrong && refusal === undefined && !save.isPending) save.mutate({ connect_ui: look })
        }}
      >
        <LogoField logo={look.logo} onChange={(logo) => set({ logo })} />
        <ColourField
          id="light-colour"
          label="Colour of buttons, light"
          usual={OWN_COLOURS.light}
          value={look.light_primary}
          onChange={(colour) => set({ light_primary: colour })}
        />
        <ColourField
          id="dark-colour"
          label="Colour of buttons, dark"
          usual={OWN_COLOURS.dark}
          value={look.dark_primary}
          onChange={(colour) => set({ dark_primary: colour })}
        />
        <SelectField
          id="default-theme"
          label="Light or dark"
          value={look.default_theme}
          onChange={(theme) => set({ default_theme: theme as Look['default_theme'] })}
          options={[
            { value: 'system', label: 'As the customer’s system' },
            { value: 'light', label: 'Always light' },
            { value: 'dark', label: 'Always dark' },
          ]}
        />
        <CheckField label="Name Hawser at the foot" checked={look.show_watermark} onChange={(isOn) => set({ show_watermark: isOn })} />
        <p className="text-sm text-soft">The text on buttons is black or white, whichever can be read on your colour.</p>
        <ErrorNotice error={save.error} />
        <div className="flex flex-wrap gap-2">
          <Button
            look="primary"
            type="submit"
            busy={save.isPending}
            unavailable={refusal ?? (isWrong ? 'A colour is not complete.' : isChanged ? undefined : 'Nothing is changed.')}
          >
            Save the look
          </Button>
          <Button unavailable={isChanged ? undefined : 'Nothing is changed.'} onClick={() => setLook(saved)}>
            Undo
          </Button>
        </div>
        {isChanged && <Notice tone="info">Customers see it once it is saved.</Notice>}
      </form>
      <ConnectPreview look={look} />
    </div>
  )
}
