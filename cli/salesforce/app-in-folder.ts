import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkAppOptions, type AppOptions } from '@hawser/salesforce/eca/app-options.ts'
import { appFiles } from '@hawser/salesforce/eca/metadata-files.ts'
import { parseAppFiles } from '@hawser/salesforce/eca/parse-app-files.ts'
import { OPTIONS_FILE } from '@hawser/salesforce/eca/project-files.ts'
import { CommandFailure } from '../output.ts'
import { readAppFolder, writeAppFolder, type AppFile } from './app-folder.ts'
import type { World } from './world.ts'

/** The app whose files are in the folder. Throws a `CommandFailure` that names every file that cannot be used. */
export async function readApp(world: World, folder: string, apiName?: string): Promise<AppOptions> {
  const files = await readAppFolder(folder)
  const restored = await restoredGlobalSettings(world, folder, files)
  const { options, problems } = parseAppFiles([...files, ...restored], apiName === undefined ? {} : { apiName })
  const lines = problems.map(
    ({ path, element, reason, fix }) => `  - ${[path, element].filter(Boolean).join(' ') || folder}: ${reason} ${fix}`,
  )
  if (options === undefined)
    throw new CommandFailure([`The files in ${folder} cannot be deployed. Nothing was changed.`, ...lines].join('\n'), { problems })
  for (const line of lines) world.say(line)
  return options
}

const GLOBAL_SETTINGS = /\.ecaGlblOauth(-meta\.xml)?$/

/** Version control leaves the global OAuth settings out, since a retrieve writes the consumer key into them. In a fresh clone they are made again. */
async function restoredGlobalSettings(world: World, folder: string, files: readonly AppFile[]): Promise<AppFile[]> {
  if (files.length === 0 || files.some(({ path }) => GLOBAL_SETTINGS.test(path))) return []
  const text = await readFile(join(folder, OPTIONS_FILE), 'utf8').catch(() => undefined)
  if (text === undefined) return []
  const checked = checkAppOptions(parsed(text, folder))
  if (!checked.ok) throw new CommandFailure(`${join(folder, OPTIONS_FILE)}: ${checked.problems[0]?.field}: ${checked.problems[0]?.reason}`)
  const isOfThisApp = files.some(({ path }) => path.endsWith(`${checked.options.apiName}.eca-meta.xml`))
  const missing = isOfThisApp ? appFiles(checked.options).filter(({ path }) => GLOBAL_SETTINGS.test(path)) : []
  await writeAppFolder(folder, missing, { force: true })
  for (const { path } of missing) world.say(`Wrote ${path} again, from ${OPTIONS_FILE}.`)
  return missing
}

function parsed(text: string, folder: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new CommandFailure(`${join(folder, OPTIONS_FILE)} is not JSON. Take it from version control, or make the app's folder anew.`)
  }
}
