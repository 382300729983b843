import { readFile } from 'node:fs/promises'

/** Short ones are guessed offline, whatever it costs a guess. */
export const SHORTEST = 12

/** From the file (without its last line break), else the environment. Undefined: neither is given. Throws an Error in plain words. */
export async function givenPassphrase(file: string | undefined, env: Record<string, string | undefined>): Promise<string | undefined> {
  if (file === undefined) return env['HAWSER_BACKUP_PASSPHRASE'] || undefined
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`--passphrase-file ${file} cannot be read (${error.code})`)
  })
  return text.replace(/\r?\n$/, '')
}

export function assertStrong(passphrase: string): void {
  if (passphrase.length < SHORTEST)
    throw new Error(
      `a passphrase of a backup has ${SHORTEST} characters or more: whoever gets the file can guess for years (openssl rand -base64 24)`,
    )
}
