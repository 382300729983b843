import type { Confidence } from '../errors/error-row.ts'

export type MigrationNote = { title: string; text: string; confidence: Confidence }

/** What whoever moves a Connected App has to know. Sources: HELP migrate_connected_app_to_external_client_app, migration.md §2. */
export const migrationNotes: readonly MigrationNote[] = [
  {
    title: 'Try the button first',
    text: 'In Setup open App Manager, then the app, then Migrate to External Client App. It keeps consumer key and secret, so nobody has to connect again. It is shown only for apps that may be migrated.',
    confidence: 'V',
  },
  {
    title: 'Refresh tokens after the button',
    text: 'That tokens which exist survive is likely, as key and secret stay, but it is stated nowhere. Migrate in a sandbox first and refresh one connection right afterwards.',
    confidence: '?',
  },
  {
    title: 'The old app becomes read-only',
    text: 'The Connected App stays in App Manager, but it can no longer be changed. Change the External Client App instead.',
    confidence: 'V',
  },
  {
    title: 'Deleting the new app brings the old one back',
    text: 'The Connected App then works again, with the settings it had when the External Client App was made.',
    confidence: 'V',
  },
  {
    title: 'These files make an app of its own',
    text: 'Deployed, they make a new app with a new consumer key and secret. Keep the old app until every connection was made again through the new one, then block it.',
    confidence: 'V',
  },
  {
    title: 'The old key cannot move by hand',
    text: 'A consumer key exists once in all of Salesforce: the Connected App would have to be deleted first, and its tokens with it.',
    confidence: 'V',
  },
]
