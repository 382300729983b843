import { useEffect, useState } from 'react'
import { Frame } from './frame.tsx'
import { useFlow, type Flow } from './flow.ts'
import type { Known, Screen } from './screen.ts'
import { themeOf, wear } from './look.ts'
import type { OpenedWith } from './opened-with.ts'
import type { ParentPage } from './parent-page.ts'
import { AdminScreen } from './screens/admin-screen.tsx'
import { ConnectedScreen } from './screens/connected-screen.tsx'
import { FailedScreen } from './screens/failed-screen.tsx'
import { FormScreen } from './screens/form-screen.tsx'
import { HandOverScreen } from './screens/hand-over-screen.tsx'
import { ListScreen } from './screens/list-screen.tsx'
import { LoadingScreen } from './screens/loading-screen.tsx'
import { PlainScreen } from './screens/plain-screen.tsx'
import { OwnAppScreen } from './screens/own-app-screen.tsx'
import { WaitingScreen } from './screens/waiting-screen.tsx'

export function App({ opening, parent }: { opening: OpenedWith; parent: ParentPage }) {
  const flow = useFlow(opening, parent)
  const settings = flow.known?.session.connectUISettings
  const prefersDark = usePrefersDark()
  useEffect(() => wear(themeOf(opening.theme, settings, prefersDark), settings), [opening, settings, prefersDark])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => void (event.key === 'Escape' && !event.defaultPrevented && flow.close?.())
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  })
  return <Frame onOutside={flow.close}>{screenOf(flow, opening)}</Frame>
}

function screenOf(flow: Flow, opening: OpenedWith) {
  const { screen, known } = flow
  if (!known || screen.at === 'loading') return loose(flow, opening)
  return bound(screen, flow, known, opening)
}

/** Screens that know of no session. */
function loose(flow: Flow, opening: OpenedWith) {
  const { at } = flow.screen
  return at === 'expired' || at === 'incomplete' || at === 'trouble' ? (
    <PlainScreen at={at} flow={flow} opening={opening} />
  ) : (
    <LoadingScreen flow={flow} />
  )
}

function bound(screen: Screen, flow: Flow, known: Known, opening: OpenedWith) {
  const common = { flow, known, opening }
  switch (screen.at) {
    case 'list':
      return <ListScreen {...common} />
    case 'form':
      return <FormScreen key={screen.key} {...common} screen={screen} />
    case 'own-app':
      return <OwnAppScreen key={screen.key} {...common} integrationKey={screen.key} />
    case 'waiting':
      return <WaitingScreen {...common} screen={screen} />
    case 'connected':
      return <ConnectedScreen {...common} />
    case 'failed':
      return <FailedScreen {...common} result={screen.result} />
    case 'hand-over':
      return <HandOverScreen {...common} screen={screen} />
    case 'admin':
      return <AdminScreen {...common} screen={screen} />
    case 'loading':
      return <LoadingScreen flow={flow} />
    default:
      return <PlainScreen at={screen.at} {...common} />
  }
}

function usePrefersDark(): boolean {
  const query = '(prefers-color-scheme: dark)'
  const [isDark, setDark] = useState(() => matchMedia(query).matches)
  useEffect(() => {
    const media = matchMedia(query)
    const onChange = () => setDark(media.matches)
    media.addEventListener('change', onChange)
    return () => media.removeEventListener('change', onChange)
  }, [])
  return isDark
}
