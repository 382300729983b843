import type { FakeSalesforce } from '../fake-salesforce.ts'
import { ORG_KINDS, type App } from '../state.ts'
import { optional, text, type Body } from './body.ts'
import { ControlError } from './control-error.ts'
import { assignAll } from './set-value.ts'

/** `POST /__/orgs {key, kind?, …}`: any further field of an org. */
export async function createOrg(fake: FakeSalesforce, body: Body): Promise<unknown> {
  const kind = ORG_KINDS.find((one) => one === (body['kind'] ?? 'sandbox'))
  if (kind === undefined) throw new ControlError(`"kind" is one of ${ORG_KINDS.join(', ')}`)
  const org = await fake.addOrg({ key: text(body, 'key'), kind, ...optional(body, 'sandboxName') })
  return undoOnError(
    () => fake.state.orgs.delete(org.key),
    () => {
      assignAll(org, body, ['key', 'kind', 'sandboxName'])
      return { ...org, url: fake.url(`org:${org.key}`) }
    },
  )
}

/** `POST /__/users {orgKey, username, …}` */
export function createUser(fake: FakeSalesforce, body: Body): unknown {
  const user = fake.addUser({ orgKey: text(body, 'orgKey'), username: text(body, 'username') })
  return undoOnError(
    () => fake.state.users.delete(user.username),
    () => {
      assignAll(user, body, ['orgKey', 'username'])
      return user
    },
  )
}

/** `POST /__/apps {orgKey, developerName, consumerKey?, consumerSecret?, flags?, policy?, …}`; answers with key and secret. */
export function createApp(fake: FakeSalesforce, body: Body): App {
  const app = fake.addApp({
    orgKey: text(body, 'orgKey'),
    developerName: text(body, 'developerName'),
    ...optional(body, 'consumerKey'),
    ...optional(body, 'consumerSecret'),
  })
  return undoOnError(
    () => fake.state.apps.delete(app.developerName),
    () => {
      assignAll(app, body, ['orgKey', 'developerName', 'consumerKey', 'consumerSecret'])
      return app
    },
  )
}

/** `POST /__/records {org, type, records: […]}` */
export function createRecords(fake: FakeSalesforce, body: Body): unknown {
  const { records } = body
  if (!Array.isArray(records) || !records.every((one) => typeof one === 'object' && one !== null)) {
    throw new ControlError('"records" is a list of objects')
  }
  const rows = fake.addRecords(text(body, 'org'), text(body, 'type'), records as Body[])
  return { ids: rows.map((row) => row.Id) }
}

function undoOnError<Result>(undo: () => void, steps: () => Result): Result {
  try {
    return steps()
  } catch (error) {
    undo()
    throw error
  }
}
