/** What the waits of the long suites are divided by in the test command. */
export const SHARE = 20

/** The settings of a refresh divided by 20: where a test has to wait for their end. */
export const shortTimes: Record<string, string> = {
  HAWSER_REFRESH_REQUEST_TIMEOUT: '2000ms',
  HAWSER_REFRESH_WAIT: '2250ms',
  HAWSER_REFRESH_LEASE: '2500ms',
}

/** Divided by 4: where nothing waits for their end, and a busy machine must not come to it either. */
export const roomyTimes: Record<string, string> = {
  HAWSER_REFRESH_REQUEST_TIMEOUT: '10s',
  HAWSER_REFRESH_WAIT: '11250ms',
  HAWSER_REFRESH_LEASE: '12500ms',
}
