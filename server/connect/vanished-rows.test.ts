/** What a sign-in refers to may go in the moment between its reading and the row that keeps it. */
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newId } from '#lib/ids.ts'
import { createWorld, type World } from './world-for-tests.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

const begin = async () => {
  const token = await world.newSession()
  const answer = await world.newBrowser().open(world.beginUrl('desk', token, { 'params[subdomain]': 'acme' }), { follow: false })
  return { ...answer, location: answer.headers['location'] as string | undefined, token }
}

it('an app that was deleted meanwhile: the sign-in leaves with the one that took its place, with one cookie', async () => {
  const { id } = await addClient('next')
  world.clientReads.next = [
    { id: newId(), clientId: 'gone', clientSecret: undefined },
    { id, clientId: 'next', clientSecret: undefined },
  ]
  const answer = await begin()
  expect(answer.status).toBe(302)
  expect(new URL(answer.location!).searchParams.get('client_id')).toBe('next')
  expect([answer.headers['set-cookie']].flat()).toHaveLength(1)
})

it('two apps in a row: a clear answer, and no error of the server', async () => {
  world.clientReads.next = [newId(), newId()].map((id) => ({ id, clientId: 'gone', clientSecret: undefined }))
  const { token } = await begin()
  expect(await world.result(token)).toMatchObject({ outcome: 'error', error_type: 'conflict' })
})

async function addClient(clientId: string): Promise<{ id: string }> {
  const id = newId()
  await sql`
    insert into oauth_client (id, environment_id, integration_id, client_id, state)
    values (${id}, ${world.environmentId}, ${world.integrations.get('desk')!.id}, ${clientId}, 'retired')`.execute(world.db.kysely)
  return { id }
}
