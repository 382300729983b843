import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { AppOptions } from '@hawser/salesforce/eca/app-options.ts'
import { appFiles } from '@hawser/salesforce/eca/metadata-files.ts'
import type { SfRig } from './sf-rig.ts'

/** Writes the generator's files into a folder of the rig, as a user would have them. */
export async function writeApp(rig: SfRig, options: AppOptions): Promise<string> {
  const folder = join(rig.folder, `app-${options.apiName}`)
  for (const { path, content } of appFiles(options)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return folder
}
