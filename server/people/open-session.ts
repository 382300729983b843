import type { FastifyReply, FastifyRequest } from 'fastify'
import { setCookies } from './call-library.ts'
import { libraryHeaders } from './call-library.ts'
import type { PeopleDeps } from './people-deps.ts'
import type { Way } from './session-store.ts'

/** For somebody who has proved otherwise than by a password who she is; at `confirmedAt` (ms), now unless given. Sets the cookie. */
export async function openSession(
  { library }: Pick<PeopleDeps, 'library'>,
  personId: string,
  way: Way,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  confirmedAt?: number,
): Promise<void> {
  const { auth } = await library()
  const headers = libraryHeaders(request, 'without')
  const response = await auth.api.openPersonSession({
    body: { personId, way, ...(confirmedAt === undefined ? {} : { confirmedAt }) },
    headers,
    asResponse: true,
  })
  if (!response.ok) throw new Error(`better-auth answered ${response.status} to a session of ours`)
  setCookies(reply, response)
}

export const SIGNED_IN = { data: { signed_in: true, second_factor: false } }
