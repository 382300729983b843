/** How the hosted connect page looks in an environment. */
import type { z } from 'zod'
import type { connectUi } from '@hawser/api/environment.ts'
import { fail } from '@hawser/api/errors.ts'
import { logoFault } from './logo-image.ts'

type Shown = z.output<typeof connectUi>
/** As it is stored; what is missing or null has the product's own look. */
export type ConnectUi = { [Name in keyof Shown]?: Shown[Name] | undefined }

export function shownConnectUi(stored: ConnectUi): Shown {
  return {
    logo: stored.logo ?? null,
    default_theme: stored.default_theme ?? 'system',
    light_primary: stored.light_primary ?? null,
    dark_primary: stored.dark_primary ?? null,
    show_watermark: stored.show_watermark ?? false,
  }
}

/** Throws `invalid_body`. */
export function checkedConnectUi(given: ConnectUi): ConnectUi {
  const fault = typeof given.logo === 'string' ? logoFault(given.logo) : undefined
  if (fault !== undefined) throw fail('invalid_body', { errors: [{ code: 'custom', message: fault, path: ['connect_ui', 'logo'] }] })
  return given
}
