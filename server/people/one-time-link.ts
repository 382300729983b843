/** Links that work once. Their token stands behind the #, which browsers send to nobody, and only its hash is stored. */
import { hash, randomBytes } from 'node:crypto'
import { newId } from '#lib/ids.ts'
import { deleteLinksLike, insertLink, type NewLink } from './link-store.ts'
import type { Db } from './person-store.ts'

const HOUR_MS = 3_600_000
export const LINK_LIFE_MS = { owner: 24 * HOUR_MS, password: 24 * HOUR_MS, invitation: 7 * 24 * HOUR_MS } as const
const PAGES = { owner: 'welcome', password: 'set-password', invitation: 'invitation' } as const

export interface MadeLink {
  id: string
  url: string
  expiresAt: Date
}

export function hashOfLinkToken(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}

/** `alone`: it ends those before that were for the same. */
export async function makeLink(
  db: Db,
  publicUrl: string,
  now: number,
  link: Omit<NewLink, 'id' | 'tokenHash' | 'expiresAt'>,
  alone = link.kind === 'password',
): Promise<MadeLink> {
  const token = randomBytes(32).toString('base64url')
  const id = newId(now)
  const expiresAt = new Date(now + LINK_LIFE_MS[link.kind])
  if (alone) await deleteLinksLike(db, link.kind, link.personId)
  await insertLink(db, { ...link, id, tokenHash: hashOfLinkToken(token), expiresAt })
  return { id, url: `${publicUrl}/dashboard/${PAGES[link.kind]}#${token}`, expiresAt }
}
