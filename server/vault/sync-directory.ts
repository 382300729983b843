import { open } from 'node:fs/promises'

/** Makes new names in a directory survive a power cut; a file's own fsync does not. Windows cannot open directories, and does this by itself. */
export const syncDirectory = async (path: string): Promise<void> => {
  if (process.platform === 'win32') return
  const directory = await open(path, 'r')
  await directory.sync().finally(() => directory.close())
}
