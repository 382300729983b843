import type { AppOptions } from '@hawser/salesforce/eca/app-options.ts'
import { parseAppFiles } from '@hawser/salesforce/eca/parse-app-files.ts'
import { CommandFailure } from '../output.ts'
import { readAppFolder } from './app-folder.ts'
import type { World } from './world.ts'

/** The app whose files are in the folder. Throws a `CommandFailure` that names every file that cannot be used. */
export async function readApp(world: World, folder: string, apiName?: string): Promise<AppOptions> {
  const { options, problems } = parseAppFiles(await readAppFolder(folder), apiName === undefined ? {} : { apiName })
  const lines = problems.map(
    ({ path, element, reason, fix }) => `  - ${[path, element].filter(Boolean).join(' ') || folder}: ${reason} ${fix}`,
  )
  if (options === undefined)
    throw new CommandFailure([`The files in ${folder} cannot be deployed. Nothing was changed.`, ...lines].join('\n'), { problems })
  for (const line of lines) world.say(line)
  return options
}
