import { after } from './browser.ts'
import { readSession, type Place, type Session } from './call-server.ts'
import type { HawserError } from './hawser-error.ts'

const TRIES = 3
const PAUSE_MS = 1000
const WORTH_A_TRY = ['network_error', 'not_ready', 'credentials_unavailable', 'too_many_request']

/** The session, asked for up to three times: somebody waits in front of an empty window. */
export async function readPatiently(place: Place, token: string, signal: AbortSignal): Promise<Session> {
  for (let tries = 1; ; tries++) {
    try {
      return await readSession(place, token, signal)
    } catch (error) {
      if (tries === TRIES || signal.aborted || !WORTH_A_TRY.includes((error as HawserError).code)) throw error
      await new Promise<void>((resolve) => after(place.browser, PAUSE_MS, resolve))
    }
  }
}
