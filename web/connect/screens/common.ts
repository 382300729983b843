import type { Flow } from '../flow.ts'
import type { Known } from '../screen.ts'
import type { OpenedWith } from '../opened-with.ts'

/** What every screen of a session gets. */
export interface ScreenProps {
  flow: Flow
  known: Known
  opening: OpenedWith
}

/** The parts of the card that are the same on all screens of a session. */
export function cardOf({ flow, known }: Pick<ScreenProps, 'flow' | 'known'>) {
  const { logo, showWatermark } = known.session.connectUISettings
  return { onClose: flow.close, logo, watermark: showWatermark }
}
